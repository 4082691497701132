"""YAML as a tree in which every value knows its line and column, and what a value is in YAML 1.2."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and list positions from the top."""

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST_NUMBER = 18
_HUGE = 10**18
_SNIPPET = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text; both count from 1. `file`: which one, where several are read for another system's."""

    line: int
    column: int
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One value as written."""

    at: Mark
    text: str
    quoted: bool
    source: str
    """The piece of the file that it was read from."""

    @property
    def value(self) -> str | int | float | bool | None:
        """What YAML 1.2 takes it for."""
        return self.text if self.quoted else resolved(self.text)

    def inside(self, offset: int) -> Mark:
        """Where the character at this offset of the text stands in the file; else where the value begins."""
        snippet = self.text[offset : offset + _SNIPPET].split("\n")[0]
        in_text = at = -1
        while in_text < offset:
            in_text, at = self.text.find(snippet, in_text + 1), self.source.find(snippet, at + 1)
            if at < 0 or in_text < 0:
                return self.at
        line_start = self.source.rfind("\n", 0, at) + 1
        line = self.at.line + self.source.count("\n", 0, at)
        return Mark(line, at - line_start + (1 if line_start else self.at.column))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list."""

    at: Mark
    items: tuple["Tree", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A mapping."""

    at: Mark
    fields: Mapping[str, "Field"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A key of a table, and its value; `tag` is the value's own, like `!reset`."""

    key: Scalar
    value: "Tree"
    tag: str = ""


Tree = Scalar | Listing | Table


def plain(tree: Tree) -> object:
    """The tree without its places: text, numbers, true, false, None, tuples and dicts."""
    match tree:
        case Scalar():
            return tree.value
        case Listing():
            return tuple(plain(item) for item in tree.items)
        case Table():
            return {key: plain(field.value) for key, field in tree.fields.items()}


def below(tree: Tree | None, *path: str | int) -> Tree | None:
    """What stands at this path under the tree, if anything does."""
    for part in path:
        match tree, part:
            case Table(), str() if part in tree.fields:
                tree = tree.fields[part].value
            case Listing(), int() if part < len(tree.items):
                tree = tree.items[part]
            case _:
                return None
    return tree


def fields(tree: Tree | None, *path: str | int) -> Mapping[str, Field]:
    """The keys at this path; none where there is no mapping."""
    found = below(tree, *path)
    return found.fields if isinstance(found, Table) else {}


def scalars(tree: Tree | None, path: Path) -> Iterator[tuple[Path, Scalar]]:
    """Each text directly at this path: the value itself, a list's items or a mapping's values."""
    match below(tree, *path):
        case Scalar() as found:
            yield path, found
        case Listing(items=items):
            yield from (((*path, index), item) for index, item in enumerate(items) if isinstance(item, Scalar))
        case Table(fields=named):
            values = ((key, field.value) for key, field in named.items())
            yield from (((*path, key), value) for key, value in values if isinstance(value, Scalar))


def dotted(path: Path) -> str:
    """`services.web.args[0]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def resolved(text: str) -> str | int | float | bool | None:
    """What YAML 1.2 takes this unquoted text for."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return bool(_TRUE.fullmatch(text))
    if _WHOLE.fullmatch(text):
        return _whole(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    return float(text.replace(".", "")) if _ENDLESS.fullmatch(text) else text


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        return -_HUGE if text.startswith("-") else _HUGE
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text, base)
