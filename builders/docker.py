"""Images by the Docker engine's own BuildKit, through buildx; kept in the engine under the content's key."""

import secrets
from collections.abc import Container, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.errors import Unavailable
from bot.core.model import Build
from bot.core.names import EnvironmentId
from bot.core.wire import Cancel, Log
from builders._build_failure import failure
from builders._buildx import Order, Output, program, run, unreached
from builders._child import Stopped
from builders._docker_images import Images
from builders._dockerfile import no_such_stage, without_frontend
from builders._lock import held
from builders._scratch import scratch, sweep
from builders._waiting import awaited
from builders.base import NONE, Built, Commit, Unbuilt
from builders.content import Content, content

_TRUST = "trusted"
_LONGEST = 3600.0
_DOCKERFILE_LIMIT = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """One build that has to be made."""

    commit: Commit
    build: Build
    found: Content
    tag: str
    secrets: Mapping[str, str] = field(repr=False)


class DockerBuilder:
    """Builds and pulls on one engine: the one that `DOCKER_HOST` names, else this machine's."""

    def __init__(self, state: Path, *, buildx: str | None = None, longest: float = _LONGEST) -> None:
        self._rooms = state.absolute() / "builds"
        self._locks = state.absolute() / "locks"
        self._buildx = buildx
        self._longest = longest
        self._images = Images()
        self._swept = False

    def build(
        self, commit: Commit, build: Build, *, secrets: Mapping[str, str] = NONE, log: Log, cancel: Cancel
    ) -> Built | Unbuilt:
        """Build unless this very content was built before; two builds of the same content become one."""
        found = content(commit, build, trust=_TRUST)
        if isinstance(found, Unbuilt):
            return found
        tag = f"matinee/{commit.repository.lower()}:{found.key}"
        if there := self._there(tag, log):
            return there
        with held(self._locks / f"{found.key}.lock", cancel) as ours:
            if not ours or cancel.is_set():
                return Unbuilt(why="cancelled before it began", cancelled=True)
            making = Making(commit=commit, build=build, found=found, tag=tag, secrets=secrets)
            return self._there(tag, log) or self._make(making, log=log, cancel=cancel)

    def pin(self, image: str, *, wait: float = 0.0, log: Log, cancel: Cancel) -> Built | Unbuilt:
        """Find the digest that this name stands for now, fetching the image where it is not here yet."""
        return awaited(
            lambda: self._images.pin(image, log=log, cancel=cancel), image, seconds=wait, log=log, cancel=cancel
        )

    def hold(self, image: str, environment: EnvironmentId) -> bool:
        """Keep the image on the engine for as long as the environment needs it."""
        return self._images.hold(image, environment)

    def release(self, environment: EnvironmentId, kept: Container[str]) -> None:
        """Remove what was built and nobody needs any more; what was fetched stays with the engine."""
        self._images.release(environment, kept)

    def _there(self, tag: str, log: Log) -> Built | None:
        image = self._images.id(tag)
        if image is None:
            return None
        log(f"built before: {tag}")
        return Built(image=image, fresh=False, tag=tag)

    def _make(self, making: Making, *, log: Log, cancel: Cancel) -> Built | Unbuilt:
        found, commit = making.found, making.commit
        try:
            text = _text(commit, found.dockerfile)
        except ValueError as error:
            return Unbuilt(why=str(error), file=found.dockerfile)
        if why := no_such_stage(text, making.build.target):
            return Unbuilt(why=f"{found.dockerfile}: {why}", file=found.dockerfile)
        buildx = program(self._buildx)
        with self._room() as room, ExitStack() as exported:
            order = Order(
                tag=making.tag,
                context=exported.enter_context(commit.export(found.root)),
                dockerfile=_put_dockerfile(room, commit, found, text),
                scope=f"{commit.repository}-{_TRUST}",
                build=making.build,
                contexts={name: exported.enter_context(commit.export(each)) for name, each in found.contexts.items()},
                secrets=making.secrets,
            )
            output = run(buildx, order, room=room, log=log, cancel=cancel, seconds=self._longest)
        return self._result(output, found.dockerfile, text, making.tag)

    def _result(self, output: Output, path: str, text: str, tag: str) -> Built | Unbuilt:
        if output.stopped is Stopped.CANCELLED:
            return Unbuilt(why="cancelled", file=path, cancelled=True)
        if output.stopped is Stopped.TOO_LONG:
            return Unbuilt(why=f"{path}: not built within {self._longest:.0f} s, so it was stopped", file=path)
        if output.code == 0 and (image := self._images.id(tag)):
            return Built(image=image, fresh=True, tag=tag)
        if why := unreached(output):
            raise Unavailable(f"the Docker engine did not build {tag}: {why}; look at the engine, then try again")
        return failure(path, text, output.broken, output.said)

    @contextmanager
    def _room(self) -> Iterator[Path]:
        if not self._swept:
            self._swept = True
            sweep(self._rooms)
        self._rooms.mkdir(parents=True, exist_ok=True, mode=0o700)
        with scratch(self._rooms) as room:
            yield room


def _text(commit: Commit, path: str) -> str:
    found = commit.read(path, limit=_DOCKERFILE_LIMIT) or b""
    return found.decode(errors="surrogateescape")


def _put_dockerfile(room: Path, commit: Commit, found: Content, text: str) -> Path:
    """A copy of its own: it may lie outside the context, and it asks for no front end."""
    # BuildKit takes files of equal size and time in folders of equal name for the same, so the name is random.
    folder = room / secrets.token_hex(8)
    folder.mkdir()
    file = folder / "Dockerfile"
    file.write_bytes(without_frontend(text).encode(errors="surrogateescape"))
    if found.ignore is not None:
        ignored = commit.read(found.ignore, limit=_DOCKERFILE_LIMIT) or b""
        file.with_name("Dockerfile.dockerignore").write_bytes(ignored)
    return file


def create(settings: Mapping[str, str]) -> DockerBuilder:
    """Build on the engine that `DOCKER_HOST` names; `buildx` may name that program."""
    return DockerBuilder(Path(settings["state"]), buildx=settings.get("buildx"))
