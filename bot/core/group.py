"""What a runner is given and gives back: groups with every value filled in, and how they ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.model import Hook
from bot.core.names import EnvironmentId, Name, Url


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An environment as a runner sees it; the generation travels with every write and fences it."""

    environment: EnvironmentId
    generation: int
    fork: bool = False
    """Of a pull from a fork: strangers wrote it. A runner that has stricter terms for that keeps to them to the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a service is reached: `host` and `port` inside the environment, `url` from wherever it is meant for."""

    host: str
    port: int | None
    url: Url
    published: int | None = None
    """The host port that a local engine reserved for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a service asks of its address."""

    port: int | None
    public: bool
    domain: str | None = None
    """A host of its own."""


class ProbeKind(StrEnum):
    """The three ways of asking."""

    TCP = "tcp"
    HTTP = "http"
    EXEC = "exec"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How to ask a service whether it is up; times in seconds."""

    kind: ProbeKind
    port: int = 0
    path: str = ""
    command: tuple[str, ...] = ()
    every: float = 2.0
    timeout: float = 2.0
    after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What a group's own container and each of its tasks have in common; nothing left to fill in."""

    name: Name
    image: str
    """Pinned: a digest or an image id, never a tag that may move."""
    entrypoint: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Path in the container → text, mounted read-only."""
    user: str | None = None
    cpu: float = 0.5
    """Cores."""
    memory: int = 512 * 2**20
    """Bytes."""
    health: Probe | None = None
    restarts: int = 0
    """Failures allowed."""
    max_duration: int = 300
    """Seconds: per attempt of what is to end; for a service, until it must be up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Container):
    """One more container of a group, beside its own."""

    hook: Hook | None = None
    """None: one more main of a service."""
    sidecar: bool = False
    required: bool = True
    """Whether its final failure is the group's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Container):
    """One service, or one job at one event: its own container and its tasks, which share network and `/alloc`."""

    event: str | None = None
    """`deploy`, `stop` or `delete` for a job; None for a service."""
    version: str
    """A fingerprint of everything that makes the group redeploy; equal versions are one and the same."""
    tasks: tuple[Task, ...] = ()
    """As written: ephemeral prestart tasks run one after the other in this order."""
    volumes: Mapping[str, int] = field(default_factory=dict)
    """Path in the container → size asked for, in bytes."""
    address: Address | None = None
    replicas: int = 1
    port: int | None = None
    """Of a job: asked while it runs, and told in its log when it answers."""
    interruptible: bool = False

    def hooked(self, hook: Hook | None, *, sidecar: bool = False) -> tuple[Task, ...]:
        """The tasks of one hook, either its sidecars or those that end."""
        return tuple(task for task in self.tasks if task.hook is hook and task.sidecar is sidecar)


class Fate(StrEnum):
    """How a container ended."""

    EXITED = "exited"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    NOT_STARTED = "not started"
    UNHEALTHY = "unhealthy"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NoOutput:
    """There was no output file, or an empty one."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """The output file cannot be read as one; `why` holds not a byte of it."""

    why: str


Output = bytes | NoOutput | Unfit
"""The output file: its bytes (1 MiB at most), nothing, or why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one attempt of a group ended. Facts only; `bot.core.telling.reasons` finds the words."""

    fate: Fate
    task: str = ""
    """Which task ended so; empty for the group's own container."""
    code: int | None = None
    """The exit code, where there is one."""
    detail: str = ""
    """What the engine said, or the probe's last answer: untrusted text."""
    output: Output = field(default_factory=NoOutput)
    """Filled after exit 0 only."""
    lost: tuple["Ended", ...] = ()
    """Tasks that failed without failing the group."""

    @property
    def succeeded(self) -> bool:
        """Whether it came to its own good end: success for a job or task, and none for a service, which is to go on."""
        return self.fate is Fate.EXITED and self.code == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """The service serves. `changed` is False where this version had been serving already."""

    changed: bool
    lost: tuple[Ended, ...] = ()
    """Tasks that failed without keeping it down, poststop tasks of the version before among them."""


class Result(StrEnum):
    """How a group ended, as its poststop tasks are told."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    """A service that was taken down, to stop or delete it."""
    REPLACED = "replaced"
    """A service whose next version serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A group's end: what, because of which task, with which exit code."""

    result: Result
    task: str = ""
    """The task that failed; the group's own name where it was its own container."""
    code: int | None = None

    @property
    def variables(self) -> Mapping[str, str]:
        """What a poststop task finds in its environment."""
        return {
            "MATINEE_RESULT": str(self.result),
            "MATINEE_FAILED_TASK": self.task,
            "MATINEE_EXIT_CODE": "" if self.code is None else str(self.code),
        }


def ending(ended: Ended, group: Group) -> Ending:
    """What the poststop tasks are told of a group that ended so."""
    if ended.succeeded and group.event is not None:
        return Ending(result=Result.SUCCEEDED, code=0)
    results = {Fate.TIMED_OUT: Result.TIMED_OUT, Fate.CANCELLED: Result.CANCELLED}
    return Ending(result=results.get(ended.fate, Result.FAILED), task=ended.task or group.name, code=ended.code)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What a removal could not remove, each named as the engine names it; empty is the good end."""

    objects: tuple[str, ...] = ()
