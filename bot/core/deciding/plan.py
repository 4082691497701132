"""What has to happen to an environment, and why: steps with what they need, never anything done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.core.errand import Adopt, Drop, Force
from bot.core.events import Want
from bot.core.model import JobEvent
from bot.core.names import Name, StepId

_OWN = Name("")


@dataclass(frozen=True, slots=True)
class Build:
    """Make the image of a node's own container, or of one of its tasks, from the commit."""

    node: Name
    task: Name = _OWN


@dataclass(frozen=True, slots=True)
class Pull:
    """Find the digest of the image of a node's own container, or of one of its tasks."""

    node: Name
    task: Name = _OWN


@dataclass(frozen=True, slots=True)
class Run:
    """Run a job at one of its events."""

    job: Name
    event: JobEvent


@dataclass(frozen=True, slots=True)
class Keep:
    """A deploy has reached a job that does nothing on deploy: remember its stop and delete runs."""

    job: Name


@dataclass(frozen=True, slots=True)
class Start:
    """Bring a service up."""

    service: Name


@dataclass(frozen=True, slots=True)
class Wake:
    """Bring a stopped service up again, as it stood, because a delete job needs it."""

    service: Name


@dataclass(frozen=True, slots=True)
class Stop:
    """Take a service down, keeping its volumes."""

    service: Name


@dataclass(frozen=True, slots=True)
class Empty:
    """Throw away what is in the volumes of a service that was taken down."""

    service: Name


@dataclass(frozen=True, slots=True)
class Discard:
    """Take a service away that the spec no longer names."""

    service: Name


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the environment with everything in it."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Let every job that ran once run again."""


Act = Build | Pull | Run | Keep | Start | Wake | Stop | Empty | Forget | Discard | Remove | Force | Adopt | Drop


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act, what must have succeeded before it, and what must only have ended."""

    id: StepId
    act: Act
    needs: frozenset[StepId] = frozenset()
    after: frozenset[StepId] = frozenset()
    why: str = ""

    @property
    def waits(self) -> frozenset[StepId]:
        """All that must have ended before this may begin."""
        return self.needs | self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps without a cycle, each after all that it waits for, every wait inside the plan."""

    want: Want
    steps: tuple[Step, ...]
    why: str
    rule: str = ""
    """Which rule made it another plan than the one that was wished for."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", in_order(self.steps))


def in_order(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The same steps, each after all that it waits for, else as given; ValueError where that cannot be."""
    done: dict[StepId, Step] = {}
    left = list(steps)
    while left:
        able = [step for step in left if step.waits <= done.keys()]
        if not able:
            raise ValueError(f"these steps wait for each other: {', '.join(step.id for step in left)}")
        done |= {step.id: step for step in able}
        left = [step for step in left if step.id not in done]
    return tuple(done.values())


def step(
    act: Act, *, needs: frozenset[StepId] = frozenset(), after: frozenset[StepId] = frozenset(), why: str = ""
) -> Step:
    """The step of this act, called after it."""
    return Step(id=step_id(act), act=act, needs=needs, after=after, why=why)


def step_id(act: Act) -> StepId:
    """What an act is called, unique in any plan."""
    match act:
        case Run(job, event) | Force(job=job, event=event):
            return StepId(f"run {job} on {event}")
        case Remove():
            return StepId("remove the environment")
        case Forget():
            return StepId("forget what ran once")
        case Adopt(name=name):
            return StepId(f"clone {name}")
        case Drop(name=name):
            return StepId(f"delete {name}")
        case Build(name, task) | Pull(name, task):
            return StepId(f"{type(act).__name__.lower()} {name}{'/' if task else ''}{task}")
        case Keep(name) | Start(name) | Wake(name) | Stop(name) | Empty(name) | Discard(name):
            return StepId(f"{type(act).__name__.lower()} {name}")


def step_ids(steps: Iterable[Step]) -> frozenset[StepId]:
    """What these steps are called."""
    return frozenset(each.id for each in steps)


def ids_of(acts: Mapping[Name, Act], names: Iterable[Name]) -> frozenset[StepId]:
    """What the steps of these nodes' acts are called."""
    return frozenset(step_id(acts[name]) for name in names)
