"""A Job of one container that is to end: made once by its name, adopted by whoever comes later, ended at its limit."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.group import Ended, Fate
from bot.core.wire import Log
from runners._kubernetes import sentence, trouble
from runners._kubernetes.exec import Spot
from runners._kubernetes.fate import GONE, Clock, doubtful, fate, lost, spent, stuck
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, name_of, uid_of
from runners._kubernetes.logs import Following
from runners._kubernetes.refusals import allowed
from runners._kubernetes.seen import Pod, pod
from runners._kubernetes.succession import finished
from runners._kubernetes.watch import Watch

UNBORN = 3.0
"""Seconds after which a Job that has no pod is asked why."""
_GLANCE = 1.0
_DYING = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """One try."""

    hold: Hold
    pods: Watch
    """Where its pod is to be seen."""
    job: Body
    container: str
    limit: int
    """Seconds."""
    log: Log


def passed(one: Passing) -> Ended:
    """How it ended, once it has."""
    made = allowed(lambda: one.hold.begin(one.job))
    return made if isinstance(made, Ended) else _Under(one, made).awaited()


def of_job(bodies: Iterable[Body], job: Body) -> Pod | None:
    """The pod that this very Job made."""
    return next((pod(body) for body in bodies if uid_of(job) in _owners(body)), None)


def _owners(body: Body) -> list[str]:
    return [str(owner["uid"]) for owner in body["metadata"].get("ownerReferences") or ()]


def unborn(hold: Hold, job: Body, *, waited: float) -> Ended | None:
    """What became of a Job that has no pod: none was allowed, or somebody removed it; None while one may come."""
    if waited < UNBORN and not finished(job):
        return None
    there = hold.read(Kind.JOB, name_of(job))
    if there is None or uid_of(there) != uid_of(job) or finished(there):
        hold.check()
        return Ended(fate=Fate.EXITED, detail=GONE)
    if not (why := trouble.refusal(hold, name_of(job))):
        return None
    hold.delete(Kind.JOB, name_of(job))
    return Ended(fate=Fate.NOT_STARTED, detail=why)


def unplaced(hold: Hold, found: Pod, *, waited: float) -> Ended | None:
    """Why a pod in which nothing has begun is given up; None while it may begin yet."""
    if waited <= hold.terms.pending:
        return None
    # A node that has it and says nothing may be fetching a large image.
    why = found.unscheduled or trouble.mounting(hold, found.name)
    return Ended(fate=Fate.NOT_STARTED, detail=why) if why else stuck(found)


class _Under:
    """A try that has begun."""

    def __init__(self, one: Passing, job: Body) -> None:
        self._one = one
        self._job = job
        self._began = time.monotonic()
        self._clock = Clock()
        self._following: Following | None = None
        self._killed: float | None = None

    def awaited(self) -> Ended:
        """Watch until it is over."""
        try:
            while True:
                found = of_job(self._one.pods.seen.values(), self._job)
                waited = time.monotonic() - self._began
                ended = self._looked_at(found) if found else unborn(self._one.hold, self._job, waited=waited)
                if ended is not None:
                    self._told()
                    return ended
                self._one.pods.changed(_GLANCE)
        finally:
            if self._following:
                self._following.end()

    def _looked_at(self, found: Pod) -> Ended | None:
        one, vessel = self._one, found.vessel(self._one.container)
        if vessel.began and self._following is None:
            spot = Spot(namespace=one.hold.namespace, pod=found.name, container=one.container)
            self._following = Following(one.hold.api, spot, one.log)
        told, ended = sentence.pronounced(found), fate(vessel)
        if told is not None and (vessel.ended or found.over or self._stays()):
            return Ended(fate=told.fate, code=ended.code if ended else None, detail=told.detail)
        if told is not None:
            return None
        if vessel.ended:
            return lost(found) or (None if ended and doubtful(ended, found) else ended)
        ended = ended or self._given_up(found)
        return (lost(found) or spent(found)) if ended is None else self._ended(found, ended)

    def _given_up(self, found: Pod) -> Ended | None:
        """Why it has had its time, if it has."""
        one, vessel, now = self._one, found.vessel(self._one.container), time.monotonic()
        if self._clock.lasted(one.container, vessel, now) >= one.limit:
            return Ended(fate=Fate.TIMED_OUT)
        return None if vessel.began else unplaced(one.hold, found, waited=now - self._began)

    def _ended(self, found: Pod, ended: Ended) -> Ended | None:
        """Have it end; what never began is over at once."""
        hold = self._one.hold
        self._killed = time.monotonic()
        if not sentence.placed(found):
            hold.delete(Kind.JOB, name_of(self._one.job))
            return ended
        sentence.pronounce(hold, found, ended)
        return ended if ended.fate is Fate.NOT_STARTED else None

    def _stays(self) -> bool:
        """Whether what was ended does not end."""
        self._killed = self._killed or time.monotonic()
        return time.monotonic() - self._killed > _DYING

    def _told(self) -> None:
        if self._following:
            self._following.rest()
