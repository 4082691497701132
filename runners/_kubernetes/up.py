"""A version of a service on its way up, all its pods at once: watched until it is up, or never will be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.group import Container, Ended, Fate, Task
from bot.core.wire import Cancel, Log
from runners._kubernetes import progress
from runners._kubernetes.climb import Climb
from runners._kubernetes.container import called
from runners._kubernetes.deployment import Cast
from runners._kubernetes.fate import GONE
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, going, labels_of, name_of, uid_of
from runners._kubernetes.names import GROUP, Role
from runners._kubernetes.progress import Again, Failure, Sight
from runners._kubernetes.seen import pod

_GLANCE = 0.2
"""Seconds in which a cancel is heard."""

Lost = tuple[Ended, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ascent:
    """The Deployments that are to come up together."""

    hold: Hold
    casts: tuple[Cast, ...]
    log: Log
    cancel: Cancel
    before: bool
    """They have been up: the cluster starts them anew for ever, and no end of then counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A task that may fail has, and the pods do not go on with it."""

    task: Task
    ended: Ended


def up(ascent: Ascent) -> Lost | Ended | Dropped:
    """Wait until all pods are up: the failures that do not matter, or the one that does."""
    hold, name = ascent.hold, ascent.casts[0].group.name
    climbing = _Climbing(ascent)
    with hold.watch(Kind.POD, service=name, role=Role.REPLICA) as pods, hold.watch(Kind.DEPLOYMENT, service=name) as of:
        try:
            while (verdict := climbing.judged(pods.seen, of.seen)) is None:
                if ascent.cancel.is_set():
                    return Ended(fate=Fate.CANCELLED)
                pods.changed(_GLANCE)
        finally:
            climbing.told()
    return verdict


class _Climbing:
    """All pods of these Deployments."""

    def __init__(self, ascent: Ascent) -> None:
        self._ascent = ascent
        self._casts = {cast.name: cast for cast in ascent.casts}
        self._climbs: dict[str, Climb] = {}
        self._spent: Counter[str] = Counter()
        self._left: set[str] = set()

    def judged(self, pods: Mapping[str, Body], deployments: Mapping[str, Body]) -> Lost | Ended | Dropped | None:
        """The end of it; None where it is not to be seen yet."""
        if refusal := self._refused(deployments):
            return refusal
        alive = [body for body in pods.values() if not going(body) and uid_of(body) not in self._left]
        mine = [(self._climb(body), body) for body in alive if labels_of(body).get(GROUP) in self._casts]
        sights = [climb.look(body, self._spent) for climb, body in mine]
        for (climb, body), sight in zip(mine, sights, strict=True):
            verdict = self._failed(body, climb.failure(sight))
            if verdict:
                return verdict
        return self._whole(mine, sights)

    def told(self) -> None:
        """Take what all have printed by now, and no more."""
        for climb in self._climbs.values():
            climb.told()

    def _climb(self, body: Body) -> Climb:
        uid = uid_of(body)
        if uid not in self._climbs:
            cast = self._casts[labels_of(body)[GROUP]]
            self._climbs[uid] = Climb(self._ascent.hold, cast, self._ascent.log, pardon=self._ascent.before)
        return self._climbs[uid]

    def _refused(self, deployments: Mapping[str, Body]) -> Ended | None:
        for name in self._casts:
            body = deployments.get(name)
            if body is None or going(body):
                self._ascent.hold.check()
                return Ended(fate=Fate.EXITED, detail=GONE)
            for condition in (body.get("status") or {}).get("conditions") or ():
                if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
                    return Ended(fate=Fate.NOT_STARTED, detail=condition.get("message", ""))
        return None

    def _failed(self, body: Body, found: Failure | Again | None) -> Ended | Dropped | None:
        match found:
            case None:
                return None
            case Again(one=one):
                self._another(body, one)
                return None
            case Failure(one=Task(hook=hook, required=False) as task, ended=ended) if hook:
                return Dropped(task=task, ended=ended)
            case Failure(ended=ended):
                return ended

    def _another(self, body: Body, one: Container) -> None:
        """Let the cluster make another pod: in this one the task can have no further try."""
        name = called(one)
        self._spent[name] += 1 + pod(body).vessel(name).ends
        self._left.add(uid_of(body))
        self._ascent.hold.delete(Kind.POD, name_of(body), grace=1)

    def _whole(self, mine: Sequence[tuple[Climb, Body]], sights: Sequence[Sight]) -> Lost | Ended | None:
        """What it comes to, once all of every pod is up."""
        besides = [climb.beside(body, sight) for (climb, body), sight in zip(mine, sights, strict=True)]
        failures = [(name, ended) for each in besides for name, ended in each.ends.items() if not ended.succeeded]
        vital = next((ended for name, ended in failures if self._task(name).required), None)
        if vital:
            return vital
        standing = Counter(
            labels_of(body)[GROUP]
            for (_, body), sight, beside in zip(mine, sights, besides, strict=True)
            if progress.up(sight) and beside.settled
        )
        full = all(standing[name] >= cast.replicas for name, cast in self._casts.items())
        return tuple(ended for _, ended in failures) if full else None

    def _task(self, name: str) -> Task:
        group = self._ascent.casts[0].group
        return next(task for task in group.tasks if task.name == name)
