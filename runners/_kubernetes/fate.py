"""How a container ended, or why it never will begin, from what the cluster shows of it. Pure."""

import re
from datetime import UTC, datetime, timedelta

from bot.core.group import Ended, Fate
from runners._kubernetes.seen import End, Pod, Vessel

KILLED = 137
GONE = "its pod was removed by somebody else"
_STUCK = frozenset(
    (
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "PreCreateHookError",
    )
)
"""What the cluster would try again for ever."""
_NO_PROGRAM = ("StartError", "ContainerCannotRun")
_DENIED = re.compile(
    r"access denied|unauthorized|authorization failed|authentication required|no basic auth|40[13] (?:Unauth|Forb)",
    re.IGNORECASE,
)
_MISSING = re.compile(r"not ?found|manifest unknown|does not exist", re.IGNORECASE)
_PASSES = re.compile(
    r"timed? ?out|failed to sync|connection (?:refused|reset)|too many requests|temporar|unexpected EOF", re.IGNORECASE
)
"""What may be better the next time: a registry, or the node itself, was slow."""
_FRESH = 2.0
"""Seconds: what began within them began now, for a cluster tells whole seconds of a clock of its own."""


def fate(vessel: Vessel, *, limit: int | None = None) -> Ended | None:
    """How its newest run ended, or why it cannot begin; None while it runs or may begin yet.

    A kill for its time is recognised by whoever comes later as well.
    """
    if vessel.ended is None:
        return refused(vessel)
    return Ended(fate=Fate.TIMED_OUT, code=KILLED) if _overdue(vessel.ended, limit) else over(vessel.ended)


def refused(vessel: Vessel) -> Ended | None:
    """Why it cannot begin, though the cluster tries and tries; None while it may."""
    if vessel.before and vessel.before.reason in _NO_PROGRAM:
        return over(vessel.before)
    if vessel.waits not in _STUCK:
        return None
    said = vessel.said or vessel.waits
    if _PASSES.search(said):
        return None
    if "Image" in vessel.waits and _DENIED.search(said):
        said = f"pull denied: {said}"
    elif "Image" in vessel.waits and _MISSING.search(said):
        said = f"no such image: {said}"
    return Ended(fate=Fate.NOT_STARTED, detail=said)


def stuck(pod: Pod) -> Ended | None:
    """What the cluster has failed to begin at its last try, though it may succeed yet."""
    waiting = (vessel for vessel in pod.vessels.values() if vessel.waits in _STUCK)
    return next((Ended(fate=Fate.NOT_STARTED, detail=vessel.said or vessel.waits) for vessel in waiting), None)


def over(end: End) -> Ended:
    """How this run ended; the kill of a child for want of memory counts whatever its parent made of it."""
    if end.reason == "OOMKilled":
        return Ended(fate=Fate.OUT_OF_MEMORY, code=end.code)
    if end.reason in _NO_PROGRAM:
        return Ended(fate=Fate.NOT_STARTED, detail=end.said)
    if end.reason == "ContainerStatusUnknown":
        return Ended(fate=Fate.EXITED, detail=end.said or GONE)
    return Ended(fate=Fate.EXITED, code=end.code)


def _overdue(end: End, limit: int | None) -> bool:
    if limit is None or end.code != KILLED or end.began is None or end.finished is None:
        return False
    return end.finished - end.began >= timedelta(seconds=limit)


def lost(pod: Pod) -> Ended | None:
    """Why the pod is over that nobody of us ended; None where it is not, or its containers tell more."""
    if pod.phase != "Failed" or pod.reason in ("", "DeadlineExceeded"):
        return None
    return Ended(fate=Fate.EXITED, detail=pod.said or pod.reason)


def spent(pod: Pod) -> Ended | None:
    """What to say of a pod that is over though nothing in it has ended or begun as it should; None where it is not."""
    return Ended(fate=Fate.NOT_STARTED, detail=pod.said or "its pod ended before its time") if pod.over else None


def doubtful(ended: Ended, pod: Pod) -> bool:
    """Whether this may yet turn out as a want of memory: a cluster under load tells that after the end itself."""
    return ended.fate is Fate.EXITED and ended.code == KILLED and not pod.over


class Clock:
    """Since when containers run, by a clock that is ours."""

    def __init__(self) -> None:
        self._began: dict[tuple[str, int], float] = {}

    def lasted(self, container: str, vessel: Vessel, now: float) -> float:
        """Seconds that its newest run lasts; `now` is of a clock that never goes back."""
        if vessel.running is None:
            return 0.0
        key = (container, vessel.restarts)
        if key not in self._began:
            ago = (datetime.now(UTC) - vessel.running).total_seconds()
            self._began[key] = now if ago < _FRESH else now - ago
        return now - self._began[key]
