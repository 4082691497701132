"""A pod of a service on its way up, judged: what has failed for good, what is still to come. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.core.group import Container, Ended, Fate, Group, Task
from bot.core.model import Hook
from runners._kubernetes.container import called
from runners._kubernetes.deployment import STANDS, mains
from runners._kubernetes.fate import over, refused
from runners._kubernetes.seen import Pod, Vessel

KILLED = 137


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A pod now, and what was seen of it before."""

    group: Group
    """Without the tasks that it goes on without."""
    pod: Pod
    lasts: Mapping[str, float]
    """For how many seconds the newest run of each container has been seen to run."""
    pending: float
    """Seconds in which the cluster may find a node for it."""
    waits: Mapping[str, float]
    """For how many seconds each container has been next."""
    spent: Mapping[str, int] = field(default_factory=dict)
    """Tries of a container that ended in pods before this one."""
    pardoned: Mapping[str, int] = field(default_factory=dict)
    """Ends of a container that do not count: they came when it had been up."""

    def vessel(self, one: Container) -> Vessel:
        """Where this container is."""
        return self.pod.vessel(called(one))

    def ends(self, one: Container) -> int:
        """How often it has ended."""
        name = called(one)
        return self.vessel(one).ends + self.spent.get(name, 0) - self.pardoned.get(name, 0)

    def waited(self, one: Container) -> float:
        """For how long it has been next."""
        return self.waits.get(called(one), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A container that has failed for good."""

    one: Container
    ended: Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A task over its time that has tries left: in this pod it can have none."""

    one: Container


def failure(sight: Sight) -> Failure | Again | None:
    """What keeps the pod from ever being up, the first of it; None so far."""
    if sight.pod.over:
        why = sight.pod.said or sight.pod.reason or "the cluster has ended its pod"
        return Failure(one=sight.group, ended=Ended(fate=Fate.EXITED, detail=why))
    return next((found for found in _failures(sight) if found), None)


def following(group: Group, pod: Pod) -> tuple[Container, ...]:
    """The containers that are next: all mains at once, before them one after the other."""
    for one in (*group.hooked(Hook.PRESTART, sidecar=True), *group.hooked(Hook.PRESTART)):
        if not _past(one, pod.vessel(called(one))):
            return (one,)
    return mains(group)


def run(sight: Sight) -> bool:
    """Whether all mains run."""
    return all(sight.vessel(one).running for one in mains(sight.group))


def up(sight: Sight) -> bool:
    """Whether all mains are up and the cluster lets the pod be reached."""
    return _mains_up(sight) and sight.pod.conditions.get("Ready", (False,))[0]


def _failures(sight: Sight) -> Iterator[Failure | Again | None]:
    group = sight.group
    for one in group.hooked(Hook.PRESTART, sidecar=True):
        vessel = sight.vessel(one)
        yield _failed(one, refused(vessel) or _never(sight, one, well=_past(one, vessel)))
    for task in group.hooked(Hook.PRESTART):
        yield _passing(sight, task)
    for main in mains(group):
        why = refused(sight.vessel(main)) or _used_up(sight, main)
        yield _failed(main, why or _never(sight, main, well=_main_up(sight, main)))
    for one in group.hooked(Hook.POSTSTART, sidecar=True):
        yield _failed(one, refused(sight.vessel(one)))
    if sight.waited(group) > group.max_duration and _mains_up(sight) and not up(sight):
        yield _failed(*_unreachable(sight))


def _unreachable(sight: Sight) -> tuple[Container, Ended]:
    """All mains are up, and still the cluster lets nobody in: what beside them is not ready."""
    lasting = (task for task in sight.group.tasks if task.sidecar)
    one = next((task for task in lasting if not sight.vessel(task).ready), sight.group)
    why = sight.pod.conditions.get("Ready", (False, ""))[1]
    return one, Ended(fate=Fate.UNHEALTHY, detail=_state(sight.vessel(one)) or why)


def _failed(one: Container, ended: Ended | None) -> Failure | None:
    if ended is None:
        return None
    return Failure(one=one, ended=replace(ended, task=one.name) if isinstance(one, Task) else ended)


def _passing(sight: Sight, task: Task) -> Failure | Again | None:
    vessel = sight.vessel(task)
    if refusal := refused(vessel):
        return _failed(task, refusal)
    if vessel.running and sight.lasts.get(called(task), 0.0) > task.max_duration:
        if sight.ends(task) < task.restarts:
            return Again(one=task)
        return _failed(task, Ended(fate=Fate.TIMED_OUT, code=KILLED))
    if vessel.last is None:
        return None if vessel.began else _failed(task, _never(sight, task, well=False))
    if vessel.last.reason == "OOMKilled" and not vessel.last.code:
        return _failed(task, over(vessel.last))  # the cluster takes it for neither done nor failed, and waits for ever
    return _failed(task, _used_up(sight, task)) if vessel.last.code else None


def _used_up(sight: Sight, one: Container) -> Ended | None:
    last = sight.vessel(one).last
    return over(last) if last and sight.ends(one) > one.restarts else None


def _never(sight: Sight, one: Container, *, well: bool) -> Ended | None:
    """It had its time to come up."""
    if well or sight.waited(one) <= one.max_duration:
        return None
    vessel = sight.vessel(one)
    if vessel.began:
        return Ended(fate=Fate.UNHEALTHY, detail=_state(vessel))
    if not sight.pod.unscheduled and sight.waited(one) <= sight.pending:
        return None
    return Ended(fate=Fate.NOT_STARTED, detail=sight.pod.unscheduled or vessel.said or vessel.waits)


def _state(vessel: Vessel) -> str:
    """Why it is not up, as far as the pod tells; a probe's answer is elsewhere."""
    if vessel.last is not None:
        return f"it ended with code {vessel.last.code} and is being started again"
    return ""


def _past(task: Task, vessel: Vessel) -> bool:
    if task.sidecar:
        return vessel.started
    return vessel.ended is not None and vessel.ended.code == 0


def _mains_up(sight: Sight) -> bool:
    return all(_main_up(sight, one) for one in mains(sight.group))


def _main_up(sight: Sight, one: Container) -> bool:
    vessel = sight.vessel(one)
    if one.health is not None:
        return vessel.ready
    return vessel.running is not None and sight.lasts.get(called(one), 0.0) >= STANDS
