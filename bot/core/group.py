"""What a runner is given and gives back: groups with every value filled in, and how they ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.names import EnvironmentId, Name, Url


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An environment as a runner sees it; the generation travels with every write and fences it."""

    environment: EnvironmentId
    generation: int


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
class Group:
    """One service, or one job at one event: all that it takes to run it, nothing left to fill in."""

    name: Name
    event: str | None = None
    """`deploy`, `stop` or `delete` for a job; None for a service."""
    image: str
    """Pinned: a digest or an image id, never a tag that may move."""
    entrypoint: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    cpu: float = 0.5
    """Cores."""
    memory: int = 512 * 2**20
    """Bytes."""
    version: str
    """A fingerprint of everything that makes the group redeploy; equal versions are one and the same."""
    volumes: Mapping[str, int] = field(default_factory=dict)
    """Path in the container → size asked for, in bytes."""
    address: Address | None = None
    health: Probe | None = None
    restarts: int = 0
    max_duration: int = 300
    """Seconds: per attempt of a job; for a service, until it must be up."""
    interruptible: bool = False


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
    """How one attempt of a group ended. Facts only; `bot.core.reasons` finds the words."""

    fate: Fate
    code: int | None = None
    """The exit code, where there is one."""
    detail: str = ""
    """What the engine said, or the probe's last answer: untrusted text."""
    output: Output = field(default_factory=NoOutput)
    """Filled after exit 0 only."""

    @property
    def succeeded(self) -> bool:
        """Whether it came to its own good end."""
        return self.fate is Fate.EXITED and self.code == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """The service serves. `changed` is False where this version had been serving already."""

    changed: bool


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What a removal could not remove, each named as the engine names it; empty is the good end."""

    objects: tuple[str, ...] = ()
