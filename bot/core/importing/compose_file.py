"""One compose file, read and filled in; and the shelf from which all files of an import are taken."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.core.importing.asked import Asked, parts
from bot.core.importing.beside import Beside, Unread
from bot.core.importing.compose_merge import keyed
from bot.core.importing.dotenv import Line, Stray, dollars, lines
from bot.core.importing.held import Held
from bot.core.importing.interpolation import Interpolation, Scope
from bot.core.importing.known import holds
from bot.core.importing.left_out import LeftOut, left_out
from bot.core.importing.yaml_source import parse
from bot.core.reading.mistakes import Mistake
from bot.core.reading.yaml_events import Stop, stray
from bot.core.reading.yaml_marks import Field, Mark, Scalar, Table, Tree, below, fields

MOST_BYTES = 512 * 2**10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComposeFile:
    """A file's tree; its paths are meant from the folder."""

    tree: Tree
    path: str
    folder: str
    scope: Scope

    @property
    def services(self) -> Mapping[str, Field]:
        """Its services, whatever they are."""
        return fields(self.tree, "services")

    def with_services(self, services: Mapping[str, Field]) -> "ComposeFile":
        """The same file with other services."""
        return replace(self, tree=put(self.tree, "services", services))


def put(tree: Tree, key: str, inner: Mapping[str, Field]) -> Tree:
    """The table with this mapping under the key."""
    if not isinstance(tree, Table):
        return tree
    found = tree.fields.get(key)
    at = found.value.at if found else tree.at
    name = found.key if found else Scalar(at=at, text=key, quoted=True, source=key)
    return Table(at=tree.at, fields={**tree.fields, key: Field(key=name, value=Table(at=at, fields=inner))})


@dataclass(slots=True, kw_only=True)
class Shelf:
    """Files that were opened, and what all of them share."""

    beside: Beside
    journal: list[LeftOut]
    size: int = 0
    held: Held = field(default_factory=Held)
    filled: Interpolation = field(default_factory=Interpolation)
    files: dict[tuple[str, Scope], ComposeFile] = field(default_factory=dict)
    said: dict[tuple[str, bool, Scope], dict[str, tuple[Mark, str | None]]] = field(default_factory=dict)

    def leave(self, at: Mark, path: str, why: str) -> None:
        """List something as left out."""
        self.journal.append(left_out(at.line, path, why, file=at.file))

    def opened(self, path: str, scope: Scope) -> ComposeFile | Unread:
        """Another compose file, each once; raises `Stop` where it is none."""
        known = (path, scope)
        if known not in self.files:
            text = self.beside.read(path)
            if isinstance(text, Unread):
                return text
            self.files[known] = self.read(text, path, path, posixpath.dirname(path) or ".", scope)
        return self.files[known]

    def read(self, text: bytes, path: str, told: str, folder: str, scope: Scope) -> ComposeFile:
        """A compose file, told of by this name; raises `Stop` where it is none."""
        self.size += len(text)
        if self.size > MOST_BYTES:
            raise Stop(stray(Mark(1, 1, told), f"more than {MOST_BYTES // 2**10} KiB of compose files are refused"))
        tree = parse(text)
        if isinstance(tree, Mistake):
            raise Stop(replace(tree, at=replace(tree.at, file=told)))
        self.held.plain |= _plain(tree)
        return ComposeFile(tree=self.filled.filled(tree, scope.values, told), path=path, folder=folder, scope=scope)

    def variables(self, path: str, scope: Scope, *, raw: bool = False) -> dict[str, tuple[Mark, str | None]] | Unread:
        """What a file of variables says, each with its place, and None where only a name stands."""
        known = (path, raw, scope)
        if known not in self.said:
            text = self.beside.read(path)
            if isinstance(text, Unread):
                return text
            found = self._lines(text, path, raw=raw)
            settled = self.held.settled(found, scope.values, self.filled, path)
            self.said[known] = {each.name: (Mark(each.line, 1, path), settled[each.name]) for each in found}
        return self.said[known]

    def environment(self, path: str, scope: Scope) -> Mapping[str, str] | Unread:
        """The variables that a file gives to whoever runs compose, without what is secret."""
        found = self.variables(path, scope)
        if isinstance(found, Unread):
            return found
        return {name: self.held.hidden(name, text) for name, (_, text) in found.items() if text is not None}

    def _lines(self, text: bytes, path: str, *, raw: bool) -> list[Line]:
        found = list(lines(text, raw=raw))
        for each in found:
            if isinstance(each, Stray):
                self.leave(Mark(each.line, 1, path), "", each.why)
        return [each for each in found if isinstance(each, Line)]


def _plain(tree: Tree) -> set[str]:
    """Values that the file itself says of variables whose names are those of secrets."""
    given = (below(tree, "services", name, "environment") for name in fields(tree, "services"))
    said = ((name, each.value) for table in given if table for name, each in keyed(table).items())
    texts = [value.text for name, value in said if isinstance(value, Scalar) and holds(name, value.text)]
    asked = (each.default for text in texts for each in parts(text) if isinstance(each, Asked) and each.default)
    return {dollars(default) for default in asked} | {text for text in texts if "$" not in text}
