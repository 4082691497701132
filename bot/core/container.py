"""What runs in one container: its image, made or fetched, its limits, and what it is given."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from bot.core.choices import Hook, OnFailure
from bot.core.names import TOLD
from bot.core.patterns import (
    AbsolutePath,
    Argv,
    ContextName,
    Cpu,
    Duration,
    Image,
    Platform,
    Port,
    Ref,
    Repository,
    Restarts,
    Seconds,
    Size,
    Stage,
    Timespan,
    UrlPath,
    User,
    VariableName,
)
from bot.core.places import crowded, steers, unmountable, within
from bot.core.value import Lack, Value, table, texts


class Build(Value):
    """A git source: a Dockerfile, of this repository at the pull's commit unless told otherwise."""

    repository: Repository | None = None
    """Another repository's address, without user, password or query; this repository where none is named."""
    ref: Ref | None = None
    """A branch, tag or commit; the pull's commit where none is named."""
    root: str = "."
    """The build context, a folder of the repository."""
    dockerfile: str = "Dockerfile"
    """The Dockerfile's path, from `root`."""
    target: Stage | None = None
    """The stage to build; the last one where none is named."""
    args: Mapping[VariableName, str] = {}
    """Build arguments. They are kept in the image's history: nothing secret."""
    secrets: tuple[VariableName, ...] = ()
    """Secrets by name, mounted for the RUN lines that ask for them (`RUN --mount=type=secret,id=NAME`)."""
    platform: Platform | None = None
    """As `linux/amd64`; the builder's own where none is named."""
    contexts: Mapping[ContextName, str] = {}
    """Further build contexts: a name for `FROM` and `COPY --from`, and a folder of the repository."""

    @property
    def elsewhere(self) -> bool:
        """Whether it is of another commit than the pull's."""
        return self.repository is not None or self.ref is not None

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[Lack]:
        """Every path inside the repository; no argument that the builder itself would obey."""
        root, file = given.get("root", "."), given.get("dockerfile", "Dockerfile")
        root_fits = isinstance(root, str) and within(root) is not None
        if isinstance(root, str) and (not root_fits or not root):
            yield Lack(_outside(root, "root"), ("root",))
        if root_fits and isinstance(file, str) and (within(root, file) is None or not file):
            from_root = "" if within(root) == "." else f" from root {root}"
            yield Lack(_outside(file, "dockerfile", from_root), ("dockerfile",))
        for name, folder in texts(given, "contexts").items():
            if within(folder) is None or not folder:
                yield Lack(_outside(folder, f"context {name}"), ("contexts", name))
            elif "://" in folder:
                yield Lack(f"context {name} is a folder of the repository, and no address", ("contexts", name))
        for name in filter(steers, table(given, "args")):
            why = f"build argument {name} would steer the builder itself; give it another name"
            yield Lack(why, ("args", name))


class Resources(Value):
    """Limits of one container."""

    cpu: Cpu = "500m"
    """Share of processors: `500m` is half a core."""
    memory: Size = "512Mi"
    """What goes over it is ended."""


class Health(Value):
    """How to find out that a container is up: one of `tcp`, `http`, `exec`."""

    tcp: Port | None = None
    """A port that accepts connections."""
    http: UrlPath | None = None
    """A path; healthy where the container's `port` answers it with a status of 200 to 399."""
    exec: Annotated[Argv, Field(min_length=1)] | None = None
    """A command run in the container; healthy where it ends with exit code 0."""
    every: Timespan = "2s"
    """Time between two probes."""
    timeout: Timespan = "2s"
    """How long one probe may take."""
    after: Duration = "0s"
    """How long to wait before the first probe."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[Lack]:
        """One way of asking, no more."""
        if len(asked := _asked(given)) != 1:
            yield Lack("give exactly one of tcp, http, exec", tuple(asked[1:2]))


class Container(Value):
    """What services, jobs and tasks have in common: an image and what it is given."""

    image: Image | None = None
    """An image of a registry."""
    build: Build | None = None
    """In place of `image`: a Dockerfile to build."""
    wait: Timespan | None = None
    """How long to wait for an image that is not there yet, because a CI still makes it."""
    resources: Resources = Resources()
    """Limits."""
    user: User | None = None
    """Run as this user; the image's own where none is named."""
    variables: Mapping[VariableName, str] = {}
    """Environment variables; they win over those of the whole environment."""
    files: Mapping[AbsolutePath, str] = {}
    """Texts that are mounted read-only: path in the container → text."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[Lack]:
        """One source of the image; files where files can be."""
        both = given.get("image") is not None and given.get("build") is not None
        if both or (given.get("image") is None and given.get("build") is None):
            yield Lack("give exactly one of image, build", ("build",) if both else ())
        if given.get("wait") is not None and given.get("image") is None:
            yield Lack("wait is for an image that somebody else makes; leave it out where there is none", ("wait",))
        yield from taken(given)
        for file in table(given, "files"):
            if why := unmountable(file):
                yield Lack(why, ("files", file))
        for file, why in crowded(table(given, "volumes"), table(given, "files")):
            yield Lack(why, ("files", file))


class Task(Container):
    """One more container of a group (Nomad's task); all of a group share network and `/alloc`."""

    hook: Annotated[Hook, Field(strict=False)] | None = None
    """When it runs: `prestart`, `poststart`, `poststop`; without one it is a further main task of a service."""
    sidecar: bool = False
    """Long-lived: restarted whenever it ends, until the group ends."""
    entrypoint: Argv | None = None
    """In place of the image's own."""
    args: Argv | None = None
    """In place of the image's own."""
    port: Port | None = None
    """Where `health.http` asks."""
    health: Health | None = None
    """How to find out that it is up; a prestart sidecar has to be before the mains start."""
    restarts: Restarts = 0
    """How often it may be tried again."""
    max_duration: Seconds = 300
    """Seconds that one attempt may take."""
    on_failure: Annotated[OnFailure, Field(strict=False)] = OnFailure.FAIL
    """Whether its final failure is the group's (`fail`) or told only (`warn`)."""

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[Lack]:
        """A sidecar beside the mains; a port, where something asks for it."""
        yield from super().unmet(given)
        hook, sidecar = given.get("hook"), given.get("sidecar") is True
        if sidecar and hook == Hook.POSTSTOP:
            yield Lack("a poststop task runs when all else is over, so that it cannot be a sidecar", ("sidecar",))
        if sidecar and hook is None:
            why = "a sidecar needs a hook, prestart or poststart; a task without one is a main task"
            yield Lack(why, ("sidecar",))
        if hook is None and given.get("on_failure") == OnFailure.WARN:
            why = "a service without one of its main tasks is not up; on_failure is for a task with a hook"
            yield Lack(why, ("on_failure",))
        if given.get("health") is not None and not sidecar and hook in tuple(Hook):
            why = f"a {hook} task that ends is not asked for its health; leave it out, or set sidecar: true"
            yield Lack(why, ("health",))
        yield from portless(given)


def taken(given: Mapping[str, Any]) -> Iterator[Lack]:
    """No variable of a name that every container is given anyway."""
    for name in table(given, "variables"):
        if ours := next((begin for begin in TOLD if str(name).startswith(begin)), ""):
            why = f"matinee itself gives the variables whose names begin with {ours}; call this one otherwise"
            yield Lack(why, ("variables", name))


def portless(given: Mapping[str, Any]) -> Iterator[Lack]:
    """A port, where an HTTP probe asks for it."""
    if _asked(table(given, "health")) == ["http"] and given.get("port") is None:
        yield Lack("health.http needs a port", ("health", "http"))


def _asked(health: Mapping[str, Any]) -> list[str]:
    return [way for way in ("tcp", "http", "exec") if health.get(way) is not None]


def _outside(path: str, key: str, origin: str = "") -> str:
    if not path:
        return f"{key} is empty; write its path, or leave it out"
    if not path.isprintable():
        return f"{key} {path!r} is no path; write it without line breaks and the like"
    return f"{key} {path} leads out of the repository{origin}; name a place inside it"
