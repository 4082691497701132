"""A container that is to end: started once, adopted by whoever comes later, ended when its time is over."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.group import Ended, Fate
from bot.core.wire import Cancel, Log
from runners._docker.engine import Engine, Seen, allowed
from runners._docker.fate import fate
from runners._docker.stream import Told, Watch

GONE = "its container was removed by somebody else"
_GLANCE = 0.1
_DYING = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """One try."""

    engine: Engine
    name: str
    make: Callable[[], str | Ended]
    """Has it made, where it is not; its id."""
    limit: int
    """Seconds."""
    unwanted: Cancel | None = None
    """Set once it may be killed."""


class Under:
    """A try under way, or one that could not begin."""

    def __init__(self, one: Passing, log: Log) -> None:
        seen = one.engine.seen(one.name)
        self.late = seen is not None and seen.ended
        """It was over before anybody came here."""
        self._one = one
        self._told = Told(log)
        self._begun = _begun(one, seen, self._told)

    @property
    def refused(self) -> Ended | None:
        """Why it did not begin."""
        return self._begun if isinstance(self._begun, Ended) else None

    def awaited(self) -> Ended:
        """How it ended, once it has."""
        if isinstance(self._begun, Ended):
            return self._begun
        killed = _killed_for(self._one, self._begun)
        engine, name = self._one.engine, self._one.name
        seen = engine.seen(name) if killed else engine.over(name)
        if seen is None:
            return Ended(fate=Fate.EXITED, detail=GONE)
        if killed:
            return Ended(fate=killed, code=seen.code)
        return fate(seen, limit=self._one.limit, last_line=self._told.last)


def completed(tries: Iterable[Passing], log: Log) -> Ended:
    """How the first good try ended, else the last one."""
    ended = Ended(fate=Fate.NOT_STARTED)
    for one in tries:
        ended = Under(one, log).awaited()
        if ended.succeeded or ended.fate is Fate.CANCELLED:
            break
    return ended


def _begun(one: Passing, seen: Seen | None, log: Log) -> Watch | Ended:
    if seen and seen.began:
        return Watch(one.engine, seen.id, log, attached=False)
    if one.unwanted and one.unwanted.is_set():
        return Ended(fate=Fate.CANCELLED)
    made = one.make()
    if isinstance(made, Ended):
        return made
    # Another bot may have made it at the same moment, and what has run is not started again.
    if (there := one.engine.seen(made)) and there.began:
        return Watch(one.engine, made, log, attached=False)
    watch = Watch(one.engine, made, log, attached=True)
    refused = allowed(lambda: one.engine.api.start(made))
    if isinstance(refused, Ended):
        watch.drop()
        return refused
    return watch


def _killed_for(one: Passing, watch: Watch) -> Fate | None:
    """Wait for the end; what we killed it for, if we did."""
    ends = time.monotonic() + _left(one)
    while not watch.over.is_set():
        left = ends - time.monotonic()
        if left <= 0:
            return _killed(one, watch, Fate.TIMED_OUT)
        if one.unwanted and one.unwanted.is_set():
            return _killed(one, watch, Fate.CANCELLED)
        watch.over.wait(min(left, _GLANCE) if one.unwanted else left)
    watch.result(0)
    return None


def _left(one: Passing) -> float:
    seen = one.engine.seen(one.name)
    began = seen.began if seen and seen.began else datetime.now(UTC)
    return (began + timedelta(seconds=one.limit) - datetime.now(UTC)).total_seconds()


def _killed(one: Passing, watch: Watch, why: Fate) -> Fate | None:
    killed = one.engine.kill(one.name)
    watch.result(_DYING)
    return why if killed else None
