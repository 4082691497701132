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


class Drafts(StrEnum):
    """What happens with a pull while it is a draft."""

    SKIP = "skip"
    DEPLOY = "deploy"


class Hook(StrEnum):
    """When a task of a group runs: before the mains, beside them, after them (Nomad's `lifecycle.hook`)."""

    PRESTART = "prestart"
    POSTSTART = "poststart"
    POSTSTOP = "poststop"


class Rerun(StrEnum):
    """Whether a deploy runs a job that has succeeded before."""

    ALWAYS = "always"
    ONCE = "once"
    ON_CHANGE = "on-change"


class OnInvalid(StrEnum):
    """What becomes of a job whose output file cannot be read as one."""

    FAIL = "fail"
    WARN = "warn"
    KEEP_PREVIOUS = "keep-previous"


class OnFailure(StrEnum):
    """What a failed task means for its group."""

    FAIL = "fail"
    WARN = "warn"


class Origin(StrEnum):
    """Where a secret's value comes from, when it is not the operator who gives it."""

    GENERATE = "generate"


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
LABEL = r"^[^\s,\x00](?:[^,\x00\n]{0,98}[^\s,\x00])?$"
"""A forge's label."""
GLOB = r"^[^\s/\x00](?:[^\x00\n]{0,498}[^\s\x00])?$"
"""Files of the repository: `api/**`."""
HOST = r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$"
REPOSITORY = r"^https?://[^\s/@?#\x00]+/[^\s?#\x00]{1,500}$"
"""An address without user, password or query."""
REF = r"^[A-Za-z0-9_][A-Za-z0-9_./+-]{0,254}$"
CONTEXT = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"

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
"""In the file it is written as text, not as our enum."""
Glob = Annotated[str, StringConstraints(pattern=GLOB)]
ContextName = Annotated[str, StringConstraints(pattern=CONTEXT)]
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


class Preview(Value):
    """Which pulls are previewed, and for how long."""

    drafts: Annotated[Drafts, Field(strict=False)] = Drafts.SKIP
    """Whether a draft is previewed; `skip` also stops what runs when a pull becomes one."""
    label: Annotated[str, StringConstraints(pattern=LABEL)] | None = None
    """Only pulls that carry this label. It filters, it never authorises."""
    paths: tuple[Glob, ...] = ()
    """Only pushes that touch these files. Never applies to closing."""
    ttl: Timespan | None = None
    """Deleted this long after the last deploy."""
    sleep: Timespan | None = None
    """Stopped this long after the last deploy."""


class Build(Value):
    """A git source: a Dockerfile, of this repository at the pull's commit unless told otherwise."""

    repository: Annotated[str, StringConstraints(pattern=REPOSITORY)] | None = None
    """Another repository's address; this one where none is named."""
    ref: Annotated[str, StringConstraints(pattern=REF)] | None = None
    """A branch, tag or commit; the pull's commit where none is named."""
    root: str = "."
    """The build context, a folder of the repository."""
    dockerfile: str = "Dockerfile"
    """The Dockerfile's path, from `root`."""
    target: Annotated[str, StringConstraints(pattern=STAGE)] | None = None
    """The stage to build; the last one where none is named."""
    args: Mapping[VariableName, str] = {}
    """Build arguments. They are kept in the image's history: nothing secret."""
    secrets: tuple[VariableName, ...] = ()
    """Secrets by name, mounted while RUN lines that ask for them run (`--mount=type=secret,id=NAME`)."""
    platform: Annotated[str, StringConstraints(pattern=PLATFORM)] | None = None
    """As `linux/amd64`; the builder's own where none is named."""
    contexts: Mapping[ContextName, str] = {}
    """Further build contexts: a name for `FROM` and `COPY --from`, and a folder of the repository."""


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


class Container(Value):
    """What services, jobs and tasks have in common: an image and what it is given."""

    image: Image | None = None
    """An image of a registry."""
    build: Build | None = None
    """In place of `image`: a Dockerfile to build."""
    wait: Timespan | None = None
    """How long to wait for an image that is not there yet, because a CI still makes it."""
    resources: Resources = Resources()
    user: User | None = None
    """Run as this user; the image's own where none is named."""
    variables: Mapping[VariableName, str] = {}
    files: Mapping[AbsolutePath, str] = {}
    """Texts that are mounted read-only."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """One source of the image."""
        if (given.get("image") is None) == (given.get("build") is None):
            yield "give exactly one of image, build"
        if given.get("wait") is not None and given.get("image") is None:
            yield "wait is for an image; a build is made here"


class Task(Container):
    """One more container of a group (Nomad's task); all of a group share network and `/alloc`."""

    hook: Annotated[Hook, Field(strict=False)] | None = None
    """When it runs; without one it is a further main task of a service."""
    sidecar: bool = False
    """Long-lived: restarted whenever it ends, until the group ends."""
    entrypoint: Argv | None = None
    args: Argv | None = None
    port: Port | None = None
    """Where `health.http` asks."""
    health: Health | None = None
    restarts: Restarts = 0
    """How often it may be tried again."""
    max_duration: Seconds = 300
    """Seconds that one attempt may take."""
    on_failure: Annotated[OnFailure, Field(strict=False)] = OnFailure.FAIL
    """Whether its final failure is the group's."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """A sidecar beside the mains; a port, where something asks for it."""
        yield from super().unmet(given)
        if given.get("sidecar") is True and given.get("hook") == Hook.POSTSTOP:
            yield "a poststop task runs when all else is over, so that it cannot be a sidecar"
        if given.get("sidecar") is True and given.get("hook") is None:
            yield "a sidecar needs a hook, prestart or poststart; a task without one is a main task"
        health = given.get("health")
        if isinstance(health, Mapping) and health.get("http") is not None and given.get("port") is None:
            yield "health.http needs a port"


class Node(Container):
    """What services and jobs have in common: what comes before, and the tasks beside their own container."""

    needs: tuple[NodeName, ...] = ()
    """Services and jobs that come before."""
    tasks: Mapping[NodeName, Task] = {}
    """More containers of the same group."""

    @property
    def containers(self) -> Mapping[Name, Container]:
        """All containers of the group: its own under `""`, each task by its name."""
        return {Name(""): self, **self.tasks}


class Service(Node):
    """A long-running container, reached by its name inside the environment."""

    entrypoint: Argv | None = None
    """In place of the image's own."""
    args: Argv | None = None
    """In place of the image's own."""
    port: Port | None = None
    """Where it listens."""
    public: bool = False
    """Whether it gets a URL."""
    domain: Annotated[str, StringConstraints(pattern=HOST, max_length=253)] | None = None
    """A host of its own, in place of one under the operator's domain."""
    replicas: Annotated[int, Field(ge=1, le=20)] = 1
    restarts: Restarts = 3
    """Failures allowed until it is up; once up it is restarted for ever."""
    after_jobs: bool = True
    """Wait for every job, unless a job needs this service."""
    volumes: Mapping[AbsolutePath, Size] = {}
    """Folders that outlive the container, and how large they may grow."""
    health: Health | None = None

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """A port, where something asks for it."""
        yield from super().unmet(given)
        if given.get("domain") is not None and given.get("public") is not True:
            yield "domain is for a public service; set public: true"
        if (given.get("replicas") or 1) != 1 and given.get("volumes"):
            yield "a service with volumes has one replica, for two would write into the same folder"
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
    run: Annotated[Rerun, Field(strict=False)] = Rerun.ALWAYS
    """Whether a deploy runs it again after a success."""
    paths: tuple[Glob, ...] = ()
    """Files of the repository that count as a change for `run: on-change`."""
    restarts: Restarts = 0
    max_duration: Seconds = 300
    """Seconds that one attempt may take."""
    port: Port | None = None
    """Asked while it runs, and told when it answers; what needs the job waits for its end all the same."""
    interruptible: bool = False
    """A newer commit or a delete may kill a running attempt."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """Paths only where they are looked at."""
        if given.get("paths") and given.get("run", Rerun.ALWAYS) != Rerun.ON_CHANGE:
            yield "paths are looked at with run: on-change only"


class Declared(Value):
    """What is known of an output before any job wrote it."""

    sensitive: bool = False


class Outputs(Value):
    """What the job's output file is expected to hold."""

    on_invalid: Annotated[OnInvalid, Field(strict=False)] = OnInvalid.FAIL
    """What a file that cannot be read means."""
    declare: Mapping[VariableName, Declared] = {}


class Job(Node):
    """A lifecycle job: runs at the events that it names, and may leave output variables."""

    on: Annotated[Mapping[Event, Trigger], Field(min_length=1)]
    outputs: Outputs = Outputs()

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """One main container; `run` and `paths` where a job may be left out."""
        yield from super().unmet(given)
        tasks, on = given.get("tasks"), given.get("on")
        for name, task in tasks.items() if isinstance(tasks, Mapping) else ():
            if isinstance(task, Mapping) and task.get("hook") is None:
                yield f"tasks.{name} needs a hook; a job has one main container, its own"
        for event, trigger in on.items() if isinstance(on, Mapping) else ():
            chosen = trigger.get("run", Rerun.ALWAYS) if isinstance(trigger, Mapping) else Rerun.ALWAYS
            if event != JobEvent.DEPLOY and chosen != Rerun.ALWAYS:
                yield f"on.{event}.run is for deploy only; a {event} run is always made"


class Spec(Value):
    """One repository's previews."""

    version: Annotated[int, Field(ge=1, le=1)]
    """Of this file's form."""
    name: Annotated[str, StringConstraints(pattern=TITLE)] | None = None
    """Default: the repository's name."""
    preview: Preview = Preview()
    secrets: Mapping[VariableName, Annotated[Origin, Field(strict=False)]] = {}
    """Secrets that are made here, 32 random characters for each environment; all others the operator gives."""
    variables: Mapping[VariableName, str] = {}
    """For every service and job; their own win over these."""
    services: Mapping[NodeName, Service] = {}
    jobs: Mapping[NodeName, Job] = {}

    @property
    def nodes(self) -> Mapping[Name, Service | Job]:
        """Services and jobs by name; `bot.core.spec` refuses two of one name."""
        return {**self.services, **self.jobs}
