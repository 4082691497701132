"""What buildx tells while it builds (`--progress=rawjson`), read into lines that a person can follow."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Base64Bytes, BaseModel, ValidationError

_LONGEST = 16 * 1024
_QUIET = re.compile(r"\[internal\] (?!load metadata)|(?:exporting|resolve image config)")
_MAY_FAIL = re.compile(r"(?:importing|exporting) cache ")


@dataclass(frozen=True, slots=True)
class Line:
    """One line for the log."""

    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A step failed: its name as BuildKit writes it, and its error."""

    step: str
    error: str


@dataclass(frozen=True, slots=True)
class Said:
    """A line outside the progress: what buildx says at its end."""

    text: str


def read(lines: Iterable[bytes]) -> Iterator[Line | Broken | Said]:
    """Follow the steps; a heading whenever another step speaks, then its output."""
    screen = _Screen()
    for raw in lines:
        try:
            told = _Told.model_validate_json(raw)
        except ValidationError:
            yield Said(raw.decode(errors="replace").rstrip())
            continue
        for vertex in told.vertexes or ():
            yield from screen.vertex(vertex)
        for log in told.logs or ():
            yield from screen.log(log)
    for step in screen.steps.values():
        yield from screen.flush(step)


class _Vertex(BaseModel):
    digest: str
    name: str
    started: datetime | None = None
    completed: datetime | None = None
    cached: bool = False
    error: str = ""


class _Log(BaseModel):
    vertex: str
    stream: int
    data: Base64Bytes = b""


class _Told(BaseModel):
    vertexes: tuple[_Vertex, ...] | None = None
    logs: tuple[_Log, ...] | None = None


@dataclass(slots=True)
class _Step:
    name: str
    number: int = 0
    broken: bool = False
    rest: dict[int, bytes] = field(default_factory=dict)
    """Per stream, what came after its last line end."""


class _Screen:
    def __init__(self) -> None:
        self.steps: dict[str, _Step] = {}
        self._begun = 0
        self._shown: _Step | None = None

    def vertex(self, vertex: _Vertex) -> Iterator[Line | Broken]:
        step = self.steps.setdefault(vertex.digest, _Step(vertex.name))
        if vertex.started and not step.number and not _QUIET.match(step.name):
            yield self._heading(step, " (cached)" if vertex.cached else "")
        if vertex.completed:
            yield from self.flush(step)
        if vertex.error and not step.broken and not _MAY_FAIL.match(step.name):
            step.broken = True
            yield Broken(step.name, vertex.error)

    def log(self, log: _Log) -> Iterator[Line]:
        step = self.steps.setdefault(log.vertex, _Step("…"))
        *whole, rest = (step.rest.get(log.stream, b"") + log.data).split(b"\n")
        if len(rest) > _LONGEST:
            whole, rest = [*whole, rest], b""
        step.rest[log.stream] = rest
        yield from self._lines(step, whole)

    def flush(self, step: _Step) -> Iterator[Line]:
        rests = [rest for rest in step.rest.values() if rest]
        step.rest.clear()
        yield from self._lines(step, rests)

    def _lines(self, step: _Step, lines: list[bytes]) -> Iterator[Line]:
        if lines and step is not self._shown:
            yield self._heading(step)
        for line in lines:
            # A progress bar draws over itself: its last state is what a reader would see.
            yield Line(line.rstrip(b"\r").rpartition(b"\r")[2].decode(errors="replace"))

    def _heading(self, step: _Step, remark: str = "") -> Line:
        if not step.number:
            self._begun += 1
            step.number = self._begun
        self._shown = step
        return Line(f"#{step.number} {' '.join(step.name.split())}{remark}")
