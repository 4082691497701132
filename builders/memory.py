"""Builds that only seem to happen: for dry runs and stories, obeying the ports and the Dockerfile's plainest lines.

Of each `RUN`, split at `&&` and `;`, these have an effect: `echo TEXT` (a line of log), `sleep N` (waits, unless
cancelled), `false` and `exit N` (the build fails there). An image whose name begins with `missing/` is not found.
"""

import hashlib
import re
import threading
from collections.abc import Container, Iterator, Mapping

from bot.core.model import Build
from bot.core.names import EnvironmentId
from bot.core.telling.checkup import Check, ok
from bot.core.wire import Cancel, Log
from builders._build_failure import failure
from builders._buildx_progress import Broken
from builders._dockerfile import Instruction, instructions, no_such_stage
from builders._waiting import awaited
from builders.base import NONE, Built, Commit, Unbuilt
from builders.content import TRUSTED, content

_LIMIT = 2**20


class MemoryBuilder:
    """Remembers what it built for as long as it lives."""

    def __init__(self, *, trust: str = TRUSTED) -> None:
        self.trust = trust
        self.built: dict[str, str] = {}
        """Content key → image."""
        self._locks: dict[str, threading.Lock] = {}

    def checks(self) -> Iterator[Check]:
        """Say that there is nothing that could be missing."""
        yield ok("memory builder", "a dry run: it makes no images")

    def of(self, environment: EnvironmentId) -> "MemoryBuilder":
        """Nothing is fetched here with anything."""
        return self

    def build(
        self, commit: Commit, build: Build, *, secrets: Mapping[str, str] = NONE, log: Log, cancel: Cancel
    ) -> Built | Unbuilt:
        """Build unless this very content was built before; two builds of the same content become one."""
        found = content(commit, build, trust=self.trust)
        if isinstance(found, Unbuilt):
            return found
        tag = f"matinee/{commit.repository}:{found.key}"
        with self._locks.setdefault(found.key, threading.Lock()):
            if image := self.built.get(found.key):
                return Built(image=image, fresh=False, tag=tag)
            text = (commit.read(found.dockerfile, limit=_LIMIT) or b"").decode(errors="replace")
            if problem := _carry_out(text, found.dockerfile, build.target, log, cancel):
                return problem
            self.built[found.key] = _image(found.key)
            return Built(image=self.built[found.key], fresh=True, tag=tag)

    def known(self, commit: Commit, build: Build) -> str | Unbuilt | None:
        """What was built of this content."""
        found = content(commit, build, trust=self.trust)
        return found if isinstance(found, Unbuilt) else self.built.get(found.key)

    def here(self, image: str) -> str | None:
        """Its digest: every image is here, unless it is nowhere."""
        return _image(image) if _exists(image) else None

    def pin(self, image: str, *, wait: float = 0.0, log: Log, cancel: Cancel) -> Built | Unbuilt:
        """Give the name its digest, always the same."""
        return awaited(lambda: self._found(image, log, cancel), image, seconds=wait, log=log, cancel=cancel, first=0.05)

    def hold(self, image: str, environment: EnvironmentId) -> bool:
        """Nothing is ever removed here."""
        return True

    def release(self, environment: EnvironmentId, kept: Container[str]) -> None:
        """Nothing takes up space."""

    def _found(self, image: str, log: Log, cancel: Cancel) -> Built | Unbuilt:
        if cancel.is_set():
            return Unbuilt(why=f"fetching {image} was cancelled", cancelled=True)
        if not _exists(image):
            return Unbuilt(why=f"{image} cannot be fetched: there is no such image; check its name")
        log(f"fetching {image}")
        return Built(image=_image(image), fresh=False)


def _carry_out(text: str, path: str, target: str | None, log: Log, cancel: Cancel) -> Unbuilt | None:
    stages = _stages(text)
    if why := no_such_stage(text, target):
        return Unbuilt(why=f"{path}: {why}", file=path)
    written = stages[target.lower()] if target is not None else instructions(text)
    for number, each in enumerate(written, 1):
        log(f"#{number} {each}")
        for command in re.split(r"&&|;", each.rest) if each.keyword == "RUN" else ():
            if cancel.is_set() or _waits(command.split(), cancel):
                return Unbuilt(why="cancelled", file=path, cancelled=True)
            if (code := _code(command.split(), log)) is not None:
                broken = Broken(str(each), f"exit code: {code}")
                return failure(path, text, broken, (f"Dockerfile:{each.line}",))
    return Unbuilt(why="cancelled", file=path, cancelled=True) if cancel.is_set() else None


def _stages(text: str) -> Mapping[str, tuple[Instruction, ...]]:
    """Each stage by name, with the stages that it is built upon before it."""
    stages: dict[str, tuple[Instruction, ...]] = {}
    name = ""
    for each in instructions(text):
        if each.keyword == "FROM":
            base, _, rest = each.rest.lower().partition(" as ")
            name = rest.strip() or f"stage-{len(stages)}"
            stages[name] = stages.get(base.strip(), ())
        if name:
            stages[name] = (*stages[name], each)
    return stages


def _waits(words: list[str], cancel: Cancel) -> bool:
    return words[:1] == ["sleep"] and cancel.wait(float(words[1]))


def _code(words: list[str], log: Log) -> int | None:
    match words:
        case ["echo", *said]:
            log(" ".join(said).strip("\"'"))
        case ["false"]:
            return 1
        case ["exit", code] if int(code):
            return int(code)
    return None


def _exists(image: str) -> bool:
    return bool(image) and not image.startswith("missing/")


def _image(name: str) -> str:
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"


def create(settings: Mapping[str, str]) -> MemoryBuilder:
    """Build nothing."""
    return MemoryBuilder(trust=settings.get("trust", TRUSTED))
