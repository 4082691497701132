"""What is told of one environment: a value that every door shows, and the sentences in it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

from bot.core.approval import Allowed
from bot.core.events import PullKey
from bot.core.model import Spec
from bot.core.names import Sha, Url
from bot.core.standing import Standing


class State(StrEnum):
    """The states that others script against."""

    QUEUED = "queued"
    DEPLOYING = "deploying"
    RUNNING = "running"
    FAILED = "failed"
    STOPPING = "stopping"
    STOPPED = "stopped"
    ASLEEP = "asleep"
    STOP_FAILED = "stop failed"
    DELETING = "deleting"
    DELETED = "deleted"
    DELETE_FAILED = "delete failed"
    REFUSED = "refused"


class StepState(StrEnum):
    """Where a step is."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One row of the table of steps."""

    name: str
    """The step's id: `build web`."""
    kind: str
    """`build`, `pull`, `run`, `start`, `stop`, `discard`, `keep` or `remove`."""
    state: StepState = StepState.WAITING
    seconds: float | None = None
    why: str = ""
    attempts: int = 0
    tail: tuple[str, ...] = ()
    """The last lines of a step that failed, masked."""
    printed: int = 0
    """How many lines it printed in all."""
    file: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputLine:
    """One output variable; `value` is None where it is sensitive."""

    job: str
    name: str
    value: str | None = field(repr=False)
    sensitive: bool
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in the spec, at its place."""

    path: str
    """`services.web.port`"""
    line: int
    column: int
    message: str
    allowed: tuple[str, ...] = ()
    file: str = "matinee.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who let the commit run that was deployed last, and what it may see."""

    allowed: Allowed | None
    fork: bool = False
    secrets: tuple[str, ...] = ()
    """The names of the operator's that it was given: of a fork those for forks, else the others."""
    out: bool | None = None
    """Of a fork's: whether it may call out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that is told of one environment at one moment. Nothing in it is secret."""

    key: PullKey
    repository: str
    generation: int
    state: State
    sha: Sha | None
    serving: Sha | None = None
    urls: tuple[tuple[str, Url], ...] = ()
    """(service, URL) of every public service, in the spec's order."""
    why: str = ""
    """Why it is in this state, in one sentence; empty where the steps say it."""
    left_out: str = ""
    """Why the pull's head is not what is shown here, where filters leave it out; and how to have it all the same."""
    steps: tuple[StepLine, ...] = ()
    outputs: tuple[OutputLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    sleeps_at: datetime | None = None
    expires_at: datetime | None = None
    """When it is stopped and deleted by itself, if nothing is pushed before."""
    lapsed: bool = False
    """It is asleep or deleted because its time was over: a push brings it back."""
    access: Access | None = None
    """None where nothing was let run."""
    open: bool | None = None
    """Whether its pull is; None where that was not to be found out."""
    filtered: bool = False
    """A filter took it down: a push alone brings nothing back."""

    @property
    def url(self) -> Url | None:
        """The first public service's."""
        return self.urls[0][1] if self.urls else None


def output_lines(stands: Standing) -> tuple[OutputLine, ...]:
    """What the jobs left, without what is sensitive."""
    return tuple(
        OutputLine(
            job=job,
            name=each.name,
            value=None if each.sensitive else each.value,
            sensitive=each.sensitive,
            description=each.description,
        )
        for job, variables in sorted(stands.outputs.items())
        for each in variables
    )


def urls(stands: Standing, spec: Spec | None) -> tuple[tuple[str, Url], ...]:
    """Where the public services that have been brought up are reached."""
    services = spec.services.items() if spec else ()
    up = [name for name, service in services if service.public and name in stands.nodes]
    return tuple((name, stands.addresses[name].url) for name in up)


def masked(report: Report, mask: Callable[[str], str]) -> Report:
    """The same, where what users' programs said went through a mask: of what became secret since then, too."""
    steps = (replace(step, why=mask(step.why), tail=tuple(map(mask, step.tail))) for step in report.steps)
    outputs = (_masked(output, mask) for output in report.outputs)
    return replace(
        report, why=mask(report.why), left_out=mask(report.left_out), steps=tuple(steps), outputs=tuple(outputs)
    )


def _masked(output: OutputLine, mask: Callable[[str], str]) -> OutputLine:
    value = None if output.value is None else mask(output.value)
    return replace(output, value=value, description=mask(output.description))


_ADAPTER = TypeAdapter(Report)


def dumps(report: Report) -> str:
    """The report as JSON, to be kept."""
    return _ADAPTER.dump_json(report).decode()


def loads(text: str) -> Report:
    """The report that `dumps` wrote."""
    return _ADAPTER.validate_json(text)
