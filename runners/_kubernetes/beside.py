"""The poststart tasks of one pod that end: added to it when its mains run, each try by a name of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core.group import Ended, Fate, Task
from bot.core.model import Hook
from runners._kubernetes import names
from runners._kubernetes.api import STRATEGIC
from runners._kubernetes.container import called
from runners._kubernetes.deployment import Cast, passing
from runners._kubernetes.fate import over, refused
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, name_of
from runners._kubernetes.progress import KILLED, Sight
from runners._kubernetes.refusals import allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What has come of them so far."""

    ends: Mapping[str, Ended]
    """How those ended that have, by their names."""
    settled: bool


def begun(hold: Hold, cast: Cast, body: Body, sight: Sight) -> Beside:
    """Begin what is to begin now; what has become of the rest."""
    tasks = cast.group.hooked(Hook.POSTSTART)
    states = {task.name: _state(task, body, sight) for task in tasks}
    wanted = [(task, state) for task in tasks if isinstance(state := states[task.name], int)]
    ends: dict[str, Ended] = {name: state for name, state in states.items() if isinstance(state, Ended)}
    if wanted:
        added = [passing(cast, task, number=number) for task, number in wanted]
        refusal = allowed(lambda: _add(hold, name_of(body), added))
        if isinstance(refusal, Ended):
            ends |= {task.name: replace(refusal, task=task.name) for task, _ in wanted}
    return Beside(ends=ends, settled=len(ends) == len(tasks))


def tries(body: Body, task: Task) -> int:
    """How many have been added to this pod."""
    there = {each["name"] for each in body["spec"].get("ephemeralContainers") or ()}
    return sum(names.again(called(task), number) in there for number in range(1, task.restarts + 2))


def _state(task: Task, body: Body, sight: Sight) -> Ended | int | None:
    """How it ended, the number of the try that is next, or None while one is under way."""
    number = tries(body, task)
    if number == 0:
        return 1
    container = names.again(called(task), number)
    vessel = sight.pod.vessel(container)
    if refusal := refused(vessel):
        return replace(refusal, task=task.name)
    if vessel.ended is None:
        late = sight.lasts.get(container, 0.0) > task.max_duration
        # It cannot be ended alone, and goes with its pod.
        return Ended(fate=Fate.TIMED_OUT, task=task.name, code=KILLED) if late else None
    ended = replace(over(vessel.ended), task=task.name)
    return ended if ended.succeeded or number > task.restarts else number + 1


def _add(hold: Hold, pod: str, containers: list[Body]) -> Body | None:
    change: Body = {"spec": {"ephemeralContainers": containers}}
    return hold.patch(Kind.POD, pod, change, of="ephemeralcontainers", content=STRATEGIC)
