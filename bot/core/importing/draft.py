"""The spec that an importer writes, and what our own reader makes of it: what it refuses is left out, and listed."""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from itertools import count as count_from

from bot.core.composing.variables import secret_references, shown
from bot.core.importing.commented import Json, written
from bot.core.importing.entry import Entry
from bot.core.importing.left_out import LeftOut, left_out
from bot.core.model import Spec
from bot.core.names import NAME
from bot.core.reading.mistakes import Mistake
from bot.core.reading.spec import Unreadable, read
from bot.core.reading.yaml_marks import Path, dotted

_ROUNDS = 60
_LONGEST_PATH = 200
_WHOLE = ("entrypoint", "args", "exec")
"""Lists of which no part can be left out."""
_ORDER = (
    *(
        "image",
        "build",
        "entrypoint",
        "args",
        "hook",
        "sidecar",
        "port",
        "public",
        "health",
        "needs",
        "replicas",
        "restarts",
    ),
    *("on", "outputs", "variables", "files", "volumes", "user", "resources", "max_duration", "after_jobs", "tasks"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A spec as text and as document, and what is not in it."""

    text: str
    spec: Spec
    document: Mapping[str, Json]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unimportable:
    """No spec comes of the file, for this reason."""

    why: str
    line: int = 1
    column: int = 1
    left_out: tuple[LeftOut, ...] = ()
    file: str = ""

    def told(self, file: str, root: str = "") -> str:
        """`compose.yaml:3:1: this is no YAML …`"""
        return f"{self.where(file, root)}:{self.line}:{self.column}: {self.why}"

    def where(self, file: str, root: str = "") -> str:
        """The file that cannot be read, as whoever named the first one and the root would name it."""
        return shown(posixpath.join(root, self.file), longest=_LONGEST_PATH) if self.file else file


def unimportable(mistake: Mistake) -> Unimportable:
    """What could not be read at all."""
    at = mistake.at
    return Unimportable(why=mistake.message, line=at.line, column=at.column, file=at.file)


@dataclass(slots=True, kw_only=True)
class Draft:
    """A spec's document while it is written; each part knows where it came from."""

    journal: list[LeftOut]
    head: tuple[str, ...] = ()
    document: dict[str, Json] = field(default_factory=lambda: {"version": 1})
    remarks: dict[Path, str] = field(default_factory=dict)
    origins: dict[Path, tuple[int, str, str]] = field(default_factory=dict)
    """Where each came from: line, path and file."""
    held: set[str] = field(default_factory=set)
    """Variables that hold a secret, whatever they are called."""

    def put(self, path: Path, value: Json, origin: Entry | None = None, *, remark: str = "") -> None:
        """Write a value; the mappings above it are made."""
        below = self.document
        for key in path[:-1]:
            inner = below.setdefault(str(key), {})
            if not isinstance(inner, dict):
                raise TypeError(f"{dotted(path)} leads through a value")
            below = inner
        below[str(path[-1])] = value
        if origin:
            self.origins[path] = (origin.line, dotted(origin.path), origin.file)
        self.remarks.pop(path, None)
        self.remark(path, remark)

    def flag(self, path: Path, origin: Entry | None, *, remark: str = "") -> None:
        """Write `true`."""
        self.put(path, value=True, origin=origin, remark=remark)

    def remark(self, path: Path, remark: str) -> None:
        """Say something beside a key."""
        if remark:
            self.remarks[path] = remark

    def drop(self, kind: str, name: str) -> None:
        """Take a service or job out again."""
        nodes = self.document.get(kind)
        if isinstance(nodes, dict):
            nodes.pop(name, None)

    def has(self, *path: str) -> bool:
        """Whether anything is written there."""
        return self.at(*path) is not None

    def at(self, *path: str | int) -> Json | None:
        """What is written there."""
        found: Json | None = self.document
        for key in path:
            found = found.get(str(key)) if isinstance(found, dict) else None
        return found

    def free_name(self, wanted: str) -> str:
        """A name of this form that nothing has yet."""
        taken = {*_table(self.document, "services"), *_table(self.document, "jobs")}
        return free(named(wanted), taken)

    def finished(self) -> Imported | Unimportable:
        """Let our own reader judge it, and leave out what it refuses until it is content."""
        for _ in range(_ROUNDS):
            document = _ordered(self.document)
            text = written(document, self.remarks, self.head)
            judged = read(text.encode("utf-8", errors="replace"))
            if isinstance(judged, Spec):
                text = written(document, self.remarks, (*self.head, *_to_give(judged)))
                return Imported(text=text, spec=judged, document=document, left_out=sorted_once(self.journal))
            if not self._pruned(judged):
                return Unimportable(why=_nothing(judged), left_out=sorted_once(self.journal))
        return Unimportable(why="too much of it has no counterpart", left_out=sorted_once(self.journal))

    def _pruned(self, judged: Unreadable) -> bool:
        """Leave out what the problems speak of; False where they speak of nothing that can be left out."""
        known = {shown(dotted(path), longest=_LONGEST_PATH): path for path in _paths(self.document, ())}
        gone: set[Path] = set()
        for problem in judged.problems:
            path = _removable(_nearest(problem.path, known))
            if path and path[0] != "version" and not any(path[: len(each)] == each for each in gone):
                gone.add(path)
                line, place, file = self._origin(path)
                self.journal.append(left_out(line, place or dotted(path), problem.message, file=file))
        for path in sorted(gone, key=lambda each: [(isinstance(part, int), part) for part in each], reverse=True):
            _remove(self.document, path)
        return bool(gone)

    def _origin(self, path: Path) -> tuple[int, str, str]:
        for length in range(len(path), 0, -1):
            if found := self.origins.get(path[:length]):
                return found
        below = (place for known, place in self.origins.items() if known[: len(path)] == path)
        return next(below, (1, "", ""))


def _to_give(spec: Spec) -> Iterator[str]:
    """What the operator has to give before a preview can be deployed."""
    if names := sorted(secret_references(spec)):
        yield f"Give these by `matinee secrets set`, or take out what names them: {', '.join(names)}"


def named(text: str) -> str:
    """A DNS label as near to the text as may be."""
    label = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    label = label if label[:1].isalpha() else f"n{label}"[:40].strip("-")
    return label if NAME.fullmatch(label) else "app"


def free(label: str, taken: Collection[str]) -> str:
    """The label, or one like it that nothing has yet."""
    several = chain([label], (f"{label[:33]}-{count}" for count in chain(range(2, 20), count_from(len(taken)))))
    return next(each for each in several if each not in taken)


def sorted_once(journal: list[LeftOut]) -> tuple[LeftOut, ...]:
    """Each once, in the order of the file."""
    return tuple(sorted(dict.fromkeys(journal), key=lambda each: (each.file, each.line, each.path)))


def _nothing(judged: Unreadable) -> str:
    first = judged.problems[0].message if judged.problems else ""
    empty = "there is nothing to deploy"
    return "nothing in it can be a service or a job" if first.startswith(empty) else first


def _paths(value: Json, path: Path) -> Iterator[Path]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _paths(each, (*path, key))


def _nearest(path: str, known: Mapping[str, Path]) -> Path:
    while path and path not in known:
        path = path.rpartition(".")[0]
    return known.get(path, ())


def _removable(path: Path) -> Path:
    """The path, or the list above it of which no part can be left out."""
    if path and isinstance(path[-1], int) and path[-2] in _WHOLE:
        return path[:-1]
    return path


def _remove(document: dict[str, Json], path: Path) -> None:
    above: Json = document
    for key in path[:-1]:
        above = above[key]  # type: ignore[index]  # the path was found in this very document
    if isinstance(above, list) and isinstance(path[-1], int):
        del above[path[-1]]
        if not above:
            _remove(document, path[:-1])
    elif isinstance(above, dict):
        above.pop(str(path[-1]), None)
        if not above and len(path) > 1:
            _remove(document, path[:-1])


def _ordered(document: dict[str, Json]) -> dict[str, Json]:
    """Keys in the order in which one reads them."""
    keys = [
        key for key in ("version", "name", "preview", "secrets", "variables", "services", "jobs") if document.get(key)
    ]
    return {key: _nodes(document[key]) if key in ("services", "jobs") else document[key] for key in keys}


def _nodes(nodes: Json) -> Json:
    return {name: _node(node) for name, node in nodes.items()} if isinstance(nodes, dict) else nodes


def _node(node: Json) -> Json:
    if not isinstance(node, dict):
        return node
    keys = sorted(node, key=lambda key: _ORDER.index(key) if key in _ORDER else len(_ORDER))
    return {key: _nodes(node[key]) if key == "tasks" else node[key] for key in keys}


def _table(document: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}
