"""Images by a BuildKit daemon of its own, through buildx; kept in a registry under the content's key."""

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from threading import Event
from typing import assert_never

from bot.core.errors import Unavailable
from bot.core.model import Build
from bot.core.names import EnvironmentId
from bot.core.telling.checkup import Check, ok, tried
from bot.core.wire import Cancel, Log
from builders import _buildkit_daemon
from builders._build_limits import limits
from builders._buildkit_daemon import Daemon, daemon
from builders._buildx import TO_THE_NETWORK, Buildx, unpushed, unreached
from builders._buildx_checks import checks
from builders._image_name import bare, malformed
from builders._neighbours import LEFT, Neighbours
from builders._order import Into
from builders._registry import Kind, Registry, Unfound, registry
from builders._waiting import awaited
from builders._workshop import Making, Workshop, bases, put
from builders.base import NONE, Built, Commit, Unbuilt
from builders.content import FORKS, TRUSTED, Content, content

_METADATA, _POLICY = "metadata.json", "policy.json"


class BuildKitBuilder:
    """Builds on one daemon, and pushes to one registry."""

    def __init__(self, workshop: Workshop, daemon: Daemon, registry: Registry, limits: tuple[str, ...] = ()) -> None:
        self._workshop = workshop
        self._daemon = daemon
        self._registry = registry
        self._limits = limits
        self._repository = ""

    def checks(self) -> Iterator[Check]:
        """Look at buildx, at the daemon behind it, and at the registry."""
        yield from checks(self._furnished, _buildkit_daemon.NAME)
        yield tried("registry", self._asked)

    def of(self, environment: EnvironmentId) -> "BuildKitBuilder":
        """The same, with the entries of both files of credentials that are for this environment."""
        made = copy(self)
        made._registry = self._registry.of(environment)
        made._repository = environment.rpartition("-")[0]
        return made

    def build(
        self, commit: Commit, build: Build, *, secrets: Mapping[str, str] = NONE, log: Log, cancel: Cancel
    ) -> Built | Unbuilt:
        """Build unless the registry has this very content; two builds of the same content become one."""
        found = content(commit, build, trust=self._workshop.trust)
        if isinstance(found, Unbuilt):
            return found
        tag = self._tag(commit, found)
        making = Making(commit=commit, build=build, found=found, trust=self._workshop.trust, secrets=secrets)
        with self._workshop.turn(found.key, cancel) as ours:
            if not ours or cancel.is_set():
                return Unbuilt(why="cancelled before it began", cancelled=True)
            with self._furnished(bases(making), pushes=True) as buildx:
                there = self._there(tag, buildx, log=log, cancel=cancel)
                return there or self._make(making, tag, buildx, log=log, cancel=cancel)

    def known(self, commit: Commit, build: Build) -> str | Unbuilt | None:
        """The image that the registry has under the content's key."""
        found = content(commit, build, trust=self._workshop.trust)
        return found if isinstance(found, Unbuilt) else self.here(self._tag(commit, found))

    def here(self, image: str) -> str | None:
        """The digest under that name; nothing is ever nearer than its registry."""
        if malformed(image):
            return None
        with self._furnished([image]) as buildx:
            digest = self._registry.digest(image, buildx, Event())
        return f"{bare(image)}@{digest}" if isinstance(digest, str) else None

    def pin(self, image: str, *, wait: float = 0.0, log: Log, cancel: Cancel) -> Built | Unbuilt:
        """Find the digest that this name stands for now, asked of its registry."""
        if problem := malformed(image):
            return Unbuilt(why=problem)
        if Neighbours(prefix=self._registry.prefix, repository=self._repository).have(image):
            return Unbuilt(why=f"{image} {LEFT}")
        return awaited(lambda: self._pinned(image, cancel), image, seconds=wait, log=log, cancel=cancel)

    def hold(self, image: str, environment: EnvironmentId) -> bool:
        """It stays in the registry for as long as the registry's own rules say."""
        return True

    def release(self, environment: EnvironmentId, kept: Container[str]) -> None:
        """Nothing is removed from a registry that others may pull from as well."""

    def _asked(self) -> Check:
        with self._furnished(pushes=True) as buildx:
            digest = self._registry.digest(f"{self._registry.prefix}/nothing:nothing", buildx, Event())
        if isinstance(digest, Unfound) and digest.kind is not Kind.ABSENT:
            raise self._registry.refuses(digest.why)
        return ok("registry", f"{self._registry.host} answers")

    def _tag(self, commit: Commit, found: Content) -> str:
        return f"{self._registry.prefix}/{commit.repository.lower()}:{found.key}"

    def _there(self, tag: str, buildx: Buildx, *, log: Log, cancel: Cancel) -> Built | Unbuilt | None:
        digest = self._registry.digest(tag, buildx, cancel)
        if isinstance(digest, str):
            log(f"built before: {tag}")
            return Built(image=f"{bare(tag)}@{digest}", fresh=False, tag=tag)
        if digest.kind is Kind.ABSENT:
            return None
        if digest.kind is Kind.CANCELLED:
            return Unbuilt(why="cancelled before it began", cancelled=True)
        raise self._registry.refuses(digest.why)

    def _make(self, making: Making, tag: str, buildx: Buildx, *, log: Log, cancel: Cancel) -> Built | Unbuilt:
        self._daemon.reach()
        metadata, policy = buildx.room / _METADATA, buildx.room / _POLICY
        put(policy, Neighbours(prefix=self._registry.prefix, repository=making.commit.repository).policy)
        into = Into(builder=_buildkit_daemon.NAME, flags=self._into(making, tag, metadata), policy=policy)
        output = self._workshop.make(making, into, buildx, log=log, cancel=cancel)
        if isinstance(output, Unbuilt):
            return output
        if output.code == 0:
            digest = json.loads(metadata.read_bytes())["containerimage.digest"]
            return Built(image=f"{bare(tag)}@{digest}", fresh=True, tag=tag)
        if why := unpushed(output):
            raise self._registry.refuses(why)
        raise self._daemon.lost(unreached(output))

    def _into(self, making: Making, tag: str, metadata: Path) -> tuple[str, ...]:
        option = self._registry.option
        cache = f"type=registry,ref={self._registry.prefix}/cache:{_cache_key(making)}{option}"
        caches = (f"--cache-from={cache}", f"--cache-to={cache},mode=max,ignore-error=true")
        return (
            f"--output=type=image,name={tag},push=true{option}",
            f"--metadata-file={metadata}",
            *(caches if self._registry.caches else ()),
            *self._limits,
        )

    def _pinned(self, image: str, cancel: Cancel) -> Built | Unbuilt:
        with self._furnished([image]) as buildx:
            digest = self._registry.digest(image, buildx, cancel)
        if isinstance(digest, Unfound):
            return _unpinned(image, digest, whose="FORK_" if self._workshop.trust == FORKS else "")
        return Built(image=f"{bare(image)}@{digest}", fresh=False)

    @contextmanager
    def _furnished(self, images: Iterable[str] = (), *, pushes: bool = False) -> Iterator[Buildx]:
        """Buildx with the daemon, the registry and the credentials for these images as all that it knows."""
        with self._workshop.room() as buildx:
            put(buildx.room / "config.json", self._registry.config(images, pushes=pushes))
            for node in (self._daemon.node, self._registry.node):
                # `buildx create` writes the same, but wants an engine for some, and costs a process each time.
                instance = {"Name": node["Name"], "Driver": "remote", "Nodes": [node]}
                put(buildx.room / "instances" / str(node["Name"]), json.dumps(instance))
            yield buildx


def _unpinned(image: str, unfound: Unfound, *, whose: str) -> Unbuilt:
    match unfound.kind:
        case Kind.CANCELLED:
            return Unbuilt(why=f"asking for {image} was cancelled", cancelled=True)
        case Kind.ABSENT | Kind.NOWHERE | Kind.DENIED:
            hint = f"check its name, and that MATINEE_{whose}REGISTRY_PULL_CREDENTIALS_FILE may read it"
            return Unbuilt(why=f"{image} cannot be fetched: {unfound.why}; {hint}")
        case Kind.DOWN:
            raise Unavailable(f"{image} cannot be fetched: {unfound.why}; is its registry up?")
        case _:
            assert_never(unfound.kind)


def _cache_key(making: Making) -> str:
    """A cache per repository, trust and target: pulls share it, and services do not push each other out of it."""
    found, build = making.found, making.build
    place = "\0".join((found.root, found.dockerfile, build.target or "", build.platform or ""))
    return f"{making.scope}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"


def shared(settings: Mapping[str, str], others: Mapping[str, str]) -> str:
    """The setting by which two builders would meet at one daemon, or in one place of a registry; "" where by none."""
    if daemon(settings).address == daemon(others).address:
        return "buildkit_address"
    return "registry" if registry(settings).prefix == registry(others).prefix else ""


def create(settings: Mapping[str, str]) -> BuildKitBuilder:
    """Build on `buildkit_address` and push below `registry`; `buildx` may name that program."""
    workshop = Workshop(
        Path(settings["state"]),
        passed_on=TO_THE_NETWORK,
        trust=settings.get("trust", TRUSTED),
        buildx=settings.get("buildx"),
    )
    return BuildKitBuilder(workshop, daemon(settings), registry(settings), limits(settings))
