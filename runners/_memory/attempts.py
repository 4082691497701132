"""The attempts of all jobs in memory: each begun once, known until its environment or job is gone."""

from collections.abc import Callable, Iterator
from threading import Lock

from bot.core.group import Ended, Group, Home
from bot.core.names import EnvironmentId, Name
from bot.core.wire import Cancel, Log
from runners._memory.instance import Instance
from runners._memory.job import Attempt

_Key = tuple[EnvironmentId, Name, str | None, int, int]
"""Environment, job, event, generation, number."""


class Attempts:
    """By whose they are."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[_Key, Attempt] = {}

    def known(self, home: Home, group: Group, number: int) -> Attempt | None:
        """One that was begun."""
        return self._known.get(_key(home, group, number))

    def begun(
        self, home: Home, group: Group, number: int, make: Callable[[], Instance], *, cancel: Cancel, log: Log
    ) -> Attempt | None:
        """The attempt, begun now or before; None where nobody wants it any more before it begins."""
        self._settle(home, group, log)
        with self._lock:
            key = _key(home, group, number)
            if key not in self._known:
                if cancel.is_set():
                    return None
                for _, former in self._of(home.environment, lambda other: other[:4] == key[:4]):
                    former.owes = False
                self._known[key] = Attempt(make())
            return self._known[key]

    def gone(self, environment: EnvironmentId, log: Log, name: Name | None = None) -> tuple[Ended, ...]:
        """End and forget those of an environment or of one of its jobs, with what they owe; what failed of that."""
        ours = self._of(environment, lambda key: name in (None, key[1]))
        failed = tuple(ended for _, attempt in ours for ended in attempt.paid(log, kill=True))
        for key, _ in ours:
            self._known.pop(key, None)
        return failed

    def environments(self) -> Iterator[EnvironmentId]:
        """Each that has one."""
        yield from {key[0] for key in self._known}

    def _settle(self, home: Home, group: Group, log: Log) -> None:
        """Let what an older turn began of this job come to its end first, and do what it owes."""
        older = self._of(home.environment, lambda key: key[1] == group.name and key[3] < home.generation)
        for _, attempt in older:
            attempt.paid(log, kill=False)

    def _of(self, environment: EnvironmentId, wanted: Callable[[_Key], bool]) -> list[tuple[_Key, Attempt]]:
        return [(key, one) for key, one in list(self._known.items()) if key[0] == environment and wanted(key)]


def _key(home: Home, group: Group, number: int) -> _Key:
    return (home.environment, group.name, group.event, home.generation, number)
