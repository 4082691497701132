"""One place of another system's file while it is read: whatever nobody takes is left out, and listed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.core.importing.left_out import LeftOut, left_out
from bot.core.reading.yaml_marks import Field, Listing, Mark, Path, Scalar, Table, Tree, dotted

NO_COUNTERPART = "it has no counterpart"


@dataclass(slots=True, kw_only=True)
class Entry:
    """A value at its place, and which of its keys were taken."""

    tree: Tree
    path: Path
    line: int
    journal: list[LeftOut]
    file: str = ""
    taken: set[str] = field(default_factory=set)

    @property
    def fields(self) -> Mapping[str, Field]:
        """Its keys; none where it is no mapping."""
        return self.tree.fields if isinstance(self.tree, Table) else {}

    @property
    def given(self) -> bool:
        """Whether anything stands here."""
        return not (isinstance(self.tree, Scalar) and self.tree.value is None)

    @property
    def value(self) -> str | int | float | bool | None:
        """What stands here, where it is no list and no mapping."""
        return self.tree.value if isinstance(self.tree, Scalar) else None

    def leave(self, why: str = NO_COUNTERPART) -> None:
        """List it as left out."""
        self.journal.append(left_out(self.line, dotted(self.path), why, file=self.file))

    def take(self, key: str) -> "Entry | None":
        """What stands under the key; None where nothing does."""
        self.taken.add(key)
        found = self.fields.get(key)
        inner = self._inner(key, found) if found else None
        return inner if inner and inner.given else None

    def entries(self) -> Iterator[tuple[str, "Entry"]]:
        """Every key with its value, also one left empty; a list or text in its place is left out."""
        if not isinstance(self.tree, Table) and self.given:
            self.leave("a mapping is expected here")
        for key, found in self.fields.items():
            self.taken.add(key)
            yield key, self._inner(key, found)

    def items(self) -> Iterator["Entry"]:
        """The items of a list; a single value counts as one."""
        if not isinstance(self.tree, Listing):
            yield self
            return
        for index, item in enumerate(self.tree.items):
            yield self._at(item.at, item, index)

    def text(self) -> str | None:
        """The text as written, of a number or truth value too; what is no text is left out."""
        if isinstance(self.tree, Scalar):
            return self.tree.text
        self.leave("a text is expected here")
        return None

    def texts(self) -> list[str]:
        """The texts of a list, or the only one."""
        return [text for item in self.items() if (text := item.text()) is not None]

    def number(self) -> int | None:
        """A whole number, quoted or not; anything else is left out."""
        text = self.text()
        if text is None or (text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= _DIGITS):
            return int(text) if text else None
        self.leave(f"{text} is no whole number")
        return None

    def told(self, key: str) -> str:
        """The text under the key; empty where there is none."""
        found = self.take(key)
        return (found.text() or "") if found else ""

    def rest(self, reasons: Mapping[str, str] | None = None, *, without: str = "") -> None:
        """Leave out every key that nobody took; keys that begin with `without` mean nothing by definition."""
        for key, found in self.fields.items():
            if key in self.taken or (without and key.startswith(without)):
                continue
            for inner in self._blocks(self._inner(key, found)):
                if inner.given:
                    inner.leave((reasons or {}).get(key, NO_COUNTERPART))

    def _blocks(self, given: "Entry") -> Iterator["Entry"]:
        """Each block of HCL by itself, under its labels; a list begins later than its key, and is one."""
        tree = given.tree
        if not isinstance(tree, Listing) or tree.at != self.fields[str(given.path[-1])].key.at:
            yield given
            return
        for item in tree.items:
            path, inner = given.path, item
            while isinstance(inner, Table) and len(inner.fields) == 1:
                (label, below), *_ = inner.fields.items()
                if below.value.at != inner.at:
                    break
                path, inner = (*path, label), below.value
            yield Entry(tree=inner, path=path, line=item.at.line, journal=self.journal, file=self.file)

    def _inner(self, key: str, found: Field) -> "Entry":
        return self._at(found.key.at, found.value, key)

    def _at(self, at: Mark, tree: Tree, part: str | int) -> "Entry":
        return Entry(tree=tree, path=(*self.path, part), line=at.line, journal=self.journal, file=at.file)


_DIGITS = 12


def whole(tree: Tree, journal: list[LeftOut]) -> Entry:
    """The file itself."""
    return Entry(tree=tree, path=(), line=tree.at.line, journal=journal, file=tree.at.file)
