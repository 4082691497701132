"""One build from a commit to buildx's end, as the builders that call buildx share it."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.model import Build
from bot.core.wire import Cancel, Log
from builders._build_failure import failure
from builders._buildx import Buildx, Output, program, run, unreached
from builders._child import Stopped
from builders._dockerfile import images, no_such_stage, remote_add, without_frontend
from builders._lock import held
from builders._order import Into, Order
from builders._scratch import scratch, sweep
from builders.base import Commit, Unbuilt
from builders.content import FORKS, TRUSTED, Content

_FETCHES = "ADD of what lies elsewhere is fetched by the builder itself, which forks may not have it do; use RUN"
_LONGEST = 3600.0
_DOCKERFILE_LIMIT = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """One build that has to be made."""

    commit: Commit
    build: Build
    found: Content
    trust: str
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def scope(self) -> str:
        """Whose caches it shares."""
        return f"{self.commit.repository}-{self.trust}"


class Workshop:
    """Rooms for builds below the state folder, and locks by which two builds of the same content become one.

    `trust`: whose builds these are, as part of every key and of the name of every cache.
    """

    def __init__(
        self,
        state: Path,
        *,
        passed_on: tuple[str, ...],
        trust: str = TRUSTED,
        buildx: str | None = None,
        longest: float | None = None,
    ) -> None:
        self.trust = trust
        self._rooms = state.absolute() / "builds"
        self._locks = state.absolute() / "locks"
        self._passed_on = passed_on
        self._buildx = buildx
        self._longest = _LONGEST if longest is None else longest
        self._swept = False

    def turn(self, key: str, cancel: Cancel) -> AbstractContextManager[bool]:
        """Wait until nobody else is at this content; False where it was cancelled before."""
        return held(self._locks / f"{key}.lock", cancel)

    @contextmanager
    def room(self) -> Iterator[Buildx]:
        """Buildx, in an empty room of its own that vanishes."""
        buildx = program(self._buildx)
        if not self._swept:
            self._swept = True
            sweep(self._rooms)
        self._rooms.mkdir(parents=True, exist_ok=True, mode=0o700)
        with scratch(self._rooms) as room:
            yield Buildx(program=buildx, room=room, passed_on=self._passed_on)

    def make(self, making: Making, into: Into, buildx: Buildx, *, log: Log, cancel: Cancel) -> Output | Unbuilt:
        """Build; the output is of a build that went well, or of one that something outside kept from it."""
        path, commit = making.found.dockerfile, making.commit
        try:
            text = _text(commit, path)
        except ValueError as error:
            return Unbuilt(why=str(error), file=path)
        if why := no_such_stage(text, making.build.target):
            return Unbuilt(why=f"{path}: {why}", file=path)
        if self.trust == FORKS and (add := remote_add(text)):
            return Unbuilt(why=_FETCHES, file=path, line=add.line)
        with ExitStack() as exported:
            contexts = making.found.contexts.items()
            order = Order(
                into=into,
                context=exported.enter_context(commit.export(making.found.root)),
                dockerfile=_put_dockerfile(buildx.room, commit, making.found, text),
                scope=making.scope,
                build=making.build,
                contexts={name: exported.enter_context(commit.export(each)) for name, each in contexts},
                secrets=making.secrets,
            )
            output = run(buildx, order, log=log, cancel=cancel, seconds=self._longest)
        return self._judged(output, path, text)

    def _judged(self, output: Output, path: str, text: str) -> Output | Unbuilt:
        if output.stopped is Stopped.CANCELLED:
            return Unbuilt(why="cancelled", file=path, cancelled=True)
        if output.stopped is Stopped.TOO_LONG:
            return Unbuilt(why=f"{path}: not built within {self._longest:.0f} s, so it was stopped", file=path)
        if output.code == 0 or unreached(output):
            return output
        return failure(path, text, output.broken, output.said)


def bases(making: Making) -> tuple[str, ...]:
    """The images that its Dockerfile builds on."""
    try:
        return images(_text(making.commit, making.found.dockerfile), making.build.args)
    except ValueError:
        return ()  # it is told once it is built


def put(file: Path, text: str) -> None:
    """Write a file of a room's that nobody else is to read."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as written:
        written.write(text)


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
