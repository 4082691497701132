"""The spec's values: what `matinee.yaml` says, typed and frozen. `bot.core.spec` reads the text into them."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.core.names import NAME, VARIABLE, Name


class JobEvent(StrEnum):
    """The three moments of an environment's life at which a job may run."""

    DEPLOY = "deploy"
    STOP = "stop"
    DELETE = "delete"


TITLE = r"^\w(?:[\w .-]{0,98}\w)?$"
DURATION = r"^(?:[0-9]{1,6}(?:\.[0-9]{1,3})?(?:ms|s|m|h))+$"
"""As in `90s` and `1h30m`."""
TIMESPAN = r"^(?:[1-9][0-9]{0,5}(?:\.[0-9]{1,3})?(?:ms|s|m|h))+$"
"""A duration above zero."""
ABSOLUTE = r"^/(?:[^/\x00]+/)*[^/\x00]+$"
SIZE = r"^[1-9][0-9]{0,8}(?:Ki|Mi|Gi|Ti)$"
CPU = r"^(?:[1-9][0-9]{0,5}m|[1-9][0-9]{0,2}(?:\.[0-9]{1,3})?|0\.(?:[1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))$"
IMAGE = r"^[A-Za-z0-9][^\s\x00]{0,499}$"
STAGE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"
PLATFORM = r"^[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9_.]+)?$"
USER = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?$"
URL_PATH = r"^/"

NodeName = Annotated[Name, StringConstraints(pattern=f"^{NAME.pattern}$")]
VariableName = Annotated[str, StringConstraints(pattern=f"^{VARIABLE.pattern}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Duration = Annotated[str, StringConstraints(pattern=DURATION)]
Timespan = Annotated[str, StringConstraints(pattern=TIMESPAN)]
AbsolutePath = Annotated[str, StringConstraints(pattern=ABSOLUTE)]
Size = Annotated[str, StringConstraints(pattern=SIZE)]
Cpu = Annotated[str, StringConstraints(pattern=CPU)]
Image = Annotated[str, StringConstraints(pattern=IMAGE)]
User = Annotated[int, Field(ge=0, le=2**32 - 2)] | Annotated[str, StringConstraints(pattern=USER)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Restarts = Annotated[int, Field(ge=0, le=100)]
Event = Annotated[JobEvent, Field(strict=False)]
"""As a key it is written as text, not as our enum."""
Argv = tuple[str, ...]


class Value(BaseModel):
    """What all the spec's values have in common: frozen, strict, closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """Say what the keys together lack; `given` may come from a file that is wrong elsewhere."""
        yield from ()

    @model_validator(mode="after")
    def _met(self) -> Self:
        for why in self.unmet(self.model_dump()):
            raise ValueError(why)
        return self


class Build(Value):
    """A git source: a Dockerfile of this repository at the pull's commit."""

    root: str = "."
    """The build context, a folder of the repository."""
    dockerfile: str = "Dockerfile"
    """The Dockerfile's path, from `root`."""
    target: Annotated[str, StringConstraints(pattern=STAGE)] | None = None
    """The stage to build; the last one where none is named."""
    args: Mapping[VariableName, str] = {}
    """Build arguments. They are kept in the image's history: nothing secret."""
    platform: Annotated[str, StringConstraints(pattern=PLATFORM)] | None = None
    """As `linux/amd64`; the builder's own where none is named."""


class Resources(Value):
    """Limits of one container."""

    cpu: Cpu = "500m"
    memory: Size = "512Mi"


class Health(Value):
    """How to find out that a service is up: one of `tcp`, `http`, `exec`."""

    tcp: Port | None = None
    http: Annotated[str, StringConstraints(pattern=URL_PATH)] | None = None
    """A path; healthy where the service's port answers it with a status of 200 to 399."""
    exec: Annotated[Argv, Field(min_length=1)] | None = None
    every: Timespan = "2s"
    timeout: Timespan = "2s"
    after: Duration = "0s"
    """How long to wait before the first probe."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """One way of asking, no more."""
        if [given.get("tcp"), given.get("http"), given.get("exec")].count(None) != 2:
            yield "give exactly one of tcp, http, exec"


class Node(Value):
    """What services and jobs have in common: where the image comes from, and what comes before."""

    image: Image | None = None
    build: Build | None = None
    needs: tuple[NodeName, ...] = ()
    resources: Resources = Resources()
    user: User | None = None
    variables: Mapping[VariableName, str] = {}

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """One source of the image."""
        if (given.get("image") is None) == (given.get("build") is None):
            yield "give exactly one of image, build"


class Service(Node):
    """A long-running container, reached by its name inside the environment."""

    entrypoint: Argv | None = None
    args: Argv | None = None
    port: Port | None = None
    public: bool = False
    restarts: Restarts = 3
    """Failures allowed until it is up; once up it is restarted for ever."""
    after_jobs: bool = True
    """Wait for every job, unless a job needs this service."""
    volumes: Mapping[AbsolutePath, Size] = {}
    health: Health | None = None

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """A port, where something asks for it."""
        yield from super().unmet(given)
        if given.get("port") is not None:
            return
        if given.get("public") is True:
            yield "a public service needs a port"
        health = given.get("health")
        if isinstance(health, Mapping) and health.get("http") is not None:
            yield "health.http needs a port"


class Trigger(Value):
    """How a job runs at one event."""

    entrypoint: Argv | None = None
    args: Argv | None = None
    restarts: Restarts = 0
    max_duration: Seconds = 300
    """Seconds that one attempt may take."""
    interruptible: bool = False
    """A newer commit or a delete may kill a running attempt."""


class Declared(Value):
    """What is known of an output before any job wrote it."""

    sensitive: bool = False


class Outputs(Value):
    """What the job's output file is expected to hold."""

    declare: Mapping[VariableName, Declared] = {}


class Job(Node):
    """A lifecycle job: runs at the events that it names, and may leave output variables."""

    on: Annotated[Mapping[Event, Trigger], Field(min_length=1)]
    outputs: Outputs = Outputs()


class Spec(Value):
    """One repository's previews."""

    version: Annotated[int, Field(ge=1, le=1)]
    """Of this file's form."""
    name: Annotated[str, StringConstraints(pattern=TITLE)] | None = None
    """Default: the repository's name."""
    variables: Mapping[VariableName, str] = {}
    """For every service and job; their own win over these."""
    services: Mapping[NodeName, Service] = {}
    jobs: Mapping[NodeName, Job] = {}

    @property
    def nodes(self) -> Mapping[Name, Service | Job]:
        """Services and jobs by name; `bot.core.spec` refuses two of one name."""
        return {**self.services, **self.jobs}
