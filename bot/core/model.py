"""The spec's values: what `matinee.yaml` says, typed and frozen. `bot.core.reading.spec` reads the text into them."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from bot.core.choices import Drafts, Hook, JobEvent, OnFailure, OnInvalid, Origin, Rerun
from bot.core.container import Build, Container, Health, Resources, Task, portless, taken
from bot.core.names import Name
from bot.core.patterns import (
    TIMESPAN,
    AbsolutePath,
    Argv,
    Event,
    Glob,
    Host,
    Label,
    NodeName,
    Port,
    Replicas,
    Restarts,
    Seconds,
    Size,
    Timespan,
    Title,
    VariableName,
)
from bot.core.places import unmatchable, unmountable
from bot.core.units import seconds
from bot.core.value import Lack, Value, table

__all__ = [
    "Build",
    "Container",
    "Declared",
    "Drafts",
    "Health",
    "Hook",
    "Job",
    "JobEvent",
    "Node",
    "OnFailure",
    "OnInvalid",
    "Origin",
    "Outputs",
    "Preview",
    "Rerun",
    "Resources",
    "Service",
    "Spec",
    "Task",
    "Trigger",
    "Value",
]


class Preview(Value):
    """Which pulls are previewed, and for how long."""

    drafts: Annotated[Drafts, Field(strict=False)] = Drafts.SKIP
    """Whether a draft is previewed (`deploy`) or not (`skip`, which also stops what runs when a pull becomes one)."""
    label: Label | None = None
    """Only pulls that carry this label; removing it deletes. It filters, it never authorises."""
    paths: tuple[Glob, ...] = ()
    """Only pushes that touch these files. Never applies to closing."""
    ttl: Timespan | None = None
    """Deleted this long after the last deploy."""
    sleep: Timespan | None = None
    """Stopped this long after the last deploy."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[Lack]:
        """No sleep that never comes; patterns that can match."""
        yield from (Lack(why, ("paths",)) for why in unmatchable(given.get("paths")))
        ttl, sleep = given.get("ttl"), given.get("sleep")
        if not isinstance(ttl, str) or not isinstance(sleep, str):
            return
        if _is_timespan(ttl) and _is_timespan(sleep) and seconds(sleep) >= seconds(ttl):
            yield Lack(f"it would be deleted after {ttl}, before it ever sleeps; make sleep shorter", ("sleep",))


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
    domain: Host | None = None
    """A host of its own, in place of one under the operator's domain."""
    replicas: Replicas = 1
    """How many of it run side by side."""
    restarts: Restarts = 3
    """Failures allowed until it is up; once up it is restarted for ever."""
    after_jobs: bool = True
    """Wait for every job, unless a job needs this service."""
    volumes: Mapping[AbsolutePath, Size] = {}
    """Folders that outlive the container: path in the container → size, which Docker does not hold them to."""
    health: Health | None = None
    """How to find out that it is up, for which it has 300 seconds; without it a service is up when it runs."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[Lack]:
        """A port, where something asks for it; volumes where volumes can be."""
        yield from super().unmet(given)
        if given.get("domain") is not None and given.get("public") is not True:
            yield Lack("domain is for a public service; set public: true", ("domain",))
        if given.get("replicas", 1) not in (0, 1) and table(given, "volumes"):
            why = "a service with volumes has one replica, for two would write into the same folder"
            yield Lack(why, ("replicas",))
        if given.get("public") is True and given.get("port") is None:
            yield Lack("a public service needs a port", ("public",))
        yield from portless(given)
        for path in table(given, "volumes"):
            if why := unmountable(path):
                yield Lack(why, ("volumes", path))
        yield from _one_port_twice(given)


class Trigger(Value):
    """How a job runs at one event."""

    entrypoint: Argv | None = None
    """In place of the image's own."""
    args: Argv | None = None
    """In place of the image's own."""
    run: Annotated[Rerun, Field(strict=False)] = Rerun.ALWAYS
    """Whether a deploy runs it again after a success: `always`, `once`, or `on-change` of what goes into it."""
    paths: tuple[Glob, ...] = ()
    """Files of the repository that count as a change for `run: on-change`."""
    restarts: Restarts = 0
    """How often it is tried again."""
    max_duration: Seconds = 300
    """Seconds that one attempt may take."""
    port: Port | None = None
    """Asked while it runs, and told when it answers; what needs the job waits for its end all the same."""
    interruptible: bool = False
    """A newer commit or a delete may kill a running attempt."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[Lack]:
        """Paths only where they are looked at, and such as can match."""
        yield from (Lack(why, ("paths",)) for why in unmatchable(given.get("paths")))
        if given.get("paths") and given.get("run", Rerun.ALWAYS) != Rerun.ON_CHANGE:
            yield Lack("paths are looked at with run: on-change only", ("paths",))


class Declared(Value):
    """What is known of an output before any job wrote it."""

    sensitive: bool = False
    """Masked everywhere, whatever the file says."""


class Outputs(Value):
    """What the job's output file is expected to hold."""

    on_invalid: Annotated[OnInvalid, Field(strict=False)] = OnInvalid.FAIL
    """What a file that cannot be read means: the job fails, a warning, or the outputs of the run before are kept."""
    declare: Mapping[VariableName, Declared] = {}
    """Outputs by name, before any run wrote them."""


class Job(Node):
    """A lifecycle job: runs at the events that it names, and may leave output variables."""

    on: Annotated[Mapping[Event, Trigger], Field(min_length=1)]
    """The events at which it runs: `deploy`, `stop`, `delete`."""
    outputs: Outputs = Outputs()
    """What its output file is expected to hold."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[Lack]:
        """One main container; `run` where a job may be left out."""
        yield from super().unmet(given)
        for name, task in table(given, "tasks").items():
            if isinstance(task, Mapping) and task.get("hook") is None:
                yield Lack(f"task {name} needs a hook, for a job has one main container, its own", ("tasks", name))
        for event in JobEvent:
            chosen = table(table(given, "on"), event).get("run", Rerun.ALWAYS)
            if event != JobEvent.DEPLOY and chosen in (Rerun.ONCE, Rerun.ON_CHANGE):
                yield Lack(f"run is for deploy only; a {event} run is always made", ("on", event, "run"))


class Spec(Value):
    """One repository's previews."""

    version: Annotated[int, Field(ge=1, le=1)]
    """Of this file's form: `1`."""
    name: Title | None = None
    """What the preview is called; the repository's name where none is given."""
    preview: Preview = Preview()
    """Which pulls are previewed, and for how long."""
    secrets: Mapping[VariableName, Annotated[Origin, Field(strict=False)]] = {}
    """Secrets that are made here, 32 random characters for each environment; all others the operator gives."""
    variables: Mapping[VariableName, str] = {}
    """Environment variables for every service and job; their own win over these."""
    services: Mapping[NodeName, Service] = {}
    """Long-running containers, by name."""
    jobs: Mapping[NodeName, Job] = {}
    """Lifecycle jobs, by name."""

    @property
    def nodes(self) -> Mapping[Name, Service | Job]:
        """Services and jobs by name; `bot.core.reading.spec` refuses two of one name."""
        return {**self.services, **self.jobs}

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[Lack]:
        """No two of one name: hosts, and containers of a group."""
        yield from taken(given)
        hosts: dict[str, str] = {}
        for name, service in table(given, "services").items():
            host = service.get("domain") if isinstance(service, Mapping) else None
            if isinstance(host, str) and host in hosts:
                yield Lack(f"service {hosts[host]} has this domain already", ("services", name, "domain"))
            elif isinstance(host, str):
                hosts[host] = name
        for kind in ("services", "jobs"):
            for name in table(given, kind):
                if name in table(table(table(given, kind), name), "tasks"):
                    why = f"{name} is the group's own container; give the task another name"
                    yield Lack(why, (kind, name, "tasks", name))


def _one_port_twice(given: Mapping[str, Any]) -> Iterator[Lack]:
    taken = {given["port"]: "the service"} if isinstance(given.get("port"), int) else {}
    for name, task in table(given, "tasks").items():
        port = task.get("port") if isinstance(task, Mapping) else None
        if not isinstance(port, int) or (task.get("hook") is not None and task.get("sidecar") is not True):
            continue
        if port in taken:
            why = f"{taken[port]} listens at {port} already, and the containers of a group share one network"
            yield Lack(why, ("tasks", name, "port"))
        taken.setdefault(port, f"task {name}")


def _is_timespan(text: str) -> bool:
    return re.fullmatch(TIMESPAN, text) is not None
