"""One pod of a service on its way up: since when its containers are awaited, what they print, how it stands."""

import time
from collections.abc import Mapping

from bot.core.group import Ended, Fate
from bot.core.wire import Log
from runners._kubernetes import progress, trouble
from runners._kubernetes.beside import Beside, begun
from runners._kubernetes.container import called
from runners._kubernetes.deployment import Cast, mains
from runners._kubernetes.fate import Clock
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body
from runners._kubernetes.progress import Again, Failure, Sight
from runners._kubernetes.seen import pod
from runners._kubernetes.telling import Telling

_UNTOLD = ("", "ContainerCreating", "PodInitializing")


class Climb:
    """A pod, as long as it is looked at."""

    def __init__(self, hold: Hold, cast: Cast, log: Log, *, pardon: bool) -> None:
        self._hold, self._cast = hold, cast
        self._pardon = pardon
        """What it has done before it was first looked at does not count."""
        self._pardoned: Mapping[str, int] | None = None
        self._clock = Clock()
        self._since: dict[str, float] = {}
        self._began: set[str] = set()
        self._mains = {called(one) for one in mains(cast.group)}
        self._telling = Telling(hold, cast.group, log)

    def look(self, body: Body, spent: Mapping[str, int]) -> Sight:
        """How it stands now."""
        seen, now = pod(body), time.monotonic()
        if self._pardoned is None:
            self._pardoned = {name: it.ends for name, it in seen.vessels.items()} if self._pardon else {}
        self._await({called(one) for one in progress.following(self._cast.group, seen)}, now)
        self._begin({name for name in self._since if seen.vessel(name).began}, now)
        if not self._pardon:
            self._telling.follow(seen)
        return Sight(
            group=self._cast.group,
            pod=seen,
            lasts={name: self._clock.lasted(name, vessel, now) for name, vessel in seen.vessels.items()},
            pending=self._cast.terms.pending,
            waits={name: now - since for name, since in self._since.items()},
            spent=spent,
            pardoned=self._pardoned,
        )

    def failure(self, sight: Sight) -> Failure | Again | None:
        """What keeps it down for good, with all that the cluster tells of it."""
        found = progress.failure(sight)
        if not isinstance(found, Failure):
            return found
        return Failure(one=found.one, ended=self._explained(sight, found))

    def beside(self, body: Body, sight: Sight) -> Beside:
        """What has come of its poststart tasks, begun where its mains run."""
        tried = bool(body["spec"].get("ephemeralContainers"))
        if not tried and not progress.run(sight):
            return Beside(ends={}, settled=False)
        return begun(self._hold, self._cast, body, sight)

    def told(self) -> None:
        """Take what it has printed by now, and no more."""
        self._telling.told()

    def _await(self, following: set[str], now: float) -> None:
        """Note what is next; once the mains are, they stay so, whatever ends beside them."""
        if self._mains & self._since.keys():
            return
        self._since = {name: self._since.get(name, now) for name in following}

    def _begin(self, began: set[str], now: float) -> None:
        """What a cluster took until a container ran is not part of the container's time."""
        self._since |= dict.fromkeys(began - self._began, now)
        self._began |= began

    def _explained(self, sight: Sight, failure: Failure) -> Ended:
        ended, name = failure.ended, called(failure.one)
        detail = ended.detail
        if ended.fate is Fate.UNHEALTHY:
            detail = detail or trouble.answer(self._hold, sight.pod.name, name)
        elif ended.fate is Fate.NOT_STARTED and detail in _UNTOLD:
            detail = trouble.mounting(self._hold, sight.pod.name) or detail
        return Ended(fate=ended.fate, task=ended.task, code=ended.code, detail=detail)
