"""The spec's values: what `matinee.yaml` says, typed and frozen. `bot.core.spec` reads the text into them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.core.names import NAME, VARIABLE, Name

NodeName = Annotated[Name, StringConstraints(pattern=f"^{NAME.pattern}$")]
VariableName = Annotated[str, StringConstraints(pattern=f"^{VARIABLE.pattern}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Duration = Annotated[str, StringConstraints(pattern=r"^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$")]
AbsolutePath = Annotated[str, StringConstraints(pattern=r"^/(?:[^/\0]+/)*[^/\0]+$")]
Size = Annotated[str, StringConstraints(pattern=r"^\d+(?:Ki|Mi|Gi|Ti)$")]
Cpu = Annotated[str, StringConstraints(pattern=r"^(?:\d+m|\d+(?:\.\d{1,3})?)$")]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Argv = tuple[str, ...]


class Value(BaseModel):
    """What all the spec's values have in common: frozen, strict, closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class JobEvent(StrEnum):
    """The three moments of an environment's life at which a job may run."""

    DEPLOY = "deploy"
    STOP = "stop"
    DELETE = "delete"


class Build(Value):
    """A git source: a Dockerfile of this repository at the pull's commit."""

    root: str = "."
    """The build context, a folder of the repository."""
    dockerfile: str = "Dockerfile"
    """The Dockerfile's path, from `root`."""
    target: str | None = None
    """The stage to build; the last one where none is named."""
    args: Mapping[VariableName, str] = {}
    """Build arguments. They are kept in the image's history: nothing secret."""
    platform: str | None = None


class Resources(Value):
    """Limits of one container."""

    cpu: Cpu = "500m"
    memory: Size = "512Mi"


class Health(Value):
    """How to find out that a service is up: one of `tcp`, `http`, `exec`."""

    tcp: Port | None = None
    http: Annotated[str, StringConstraints(pattern=r"^/")] | None = None
    """A path; healthy where the service's port answers it with a status of 200 to 399."""
    exec: Argv | None = None
    every: Duration = "2s"
    timeout: Duration = "2s"
    after: Duration = "0s"
    """How long to wait before the first probe."""

    @model_validator(mode="after")
    def _one_probe(self) -> "Health":
        if [self.tcp, self.http, self.exec].count(None) != 2:
            raise ValueError("give exactly one of tcp, http, exec")
        return self


class Node(Value):
    """What services and jobs have in common: where the image comes from, and what comes before."""

    image: Annotated[str, StringConstraints(min_length=1)] | None = None
    build: Build | None = None
    needs: tuple[NodeName, ...] = ()
    resources: Resources = Resources()
    user: int | str | None = None
    variables: Mapping[VariableName, str] = {}

    @model_validator(mode="after")
    def _one_source(self) -> "Node":
        if (self.image is None) == (self.build is None):
            raise ValueError("give exactly one of image, build")
        return self


class Service(Node):
    """A long-running container, reached by its name inside the environment."""

    entrypoint: Argv | None = None
    args: Argv | None = None
    port: Port | None = None
    public: bool = False
    restarts: Annotated[int, Field(ge=0, le=100)] = 3
    """Failures allowed until it is up; once up it is restarted for ever."""
    after_jobs: bool = True
    """Wait for every job, unless a job needs this service."""
    volumes: Mapping[AbsolutePath, Size] = {}
    health: Health | None = None

    @model_validator(mode="after")
    def _ports(self) -> "Service":
        if self.public and self.port is None:
            raise ValueError("a public service needs a port")
        if self.health is not None and self.health.http is not None and self.port is None:
            raise ValueError("health.http needs a port")
        return self


class Trigger(Value):
    """How a job runs at one event."""

    entrypoint: Argv | None = None
    args: Argv | None = None
    restarts: Annotated[int, Field(ge=0, le=100)] = 0
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

    on: Annotated[Mapping[JobEvent, Trigger], Field(min_length=1)]
    outputs: Outputs = Outputs()


class Spec(Value):
    """One repository's previews."""

    version: Literal[1]
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    """Default: the repository's name."""
    variables: Mapping[VariableName, str] = {}
    """For every service and job; their own win over these."""
    services: Mapping[NodeName, Service] = {}
    jobs: Mapping[NodeName, Job] = {}

    @property
    def nodes(self) -> Mapping[Name, Service | Job]:
        """Services and jobs by name; `bot.core.spec` refuses two of one name."""
        return {**self.services, **self.jobs}
