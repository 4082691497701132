"""YAML or JSON of another system → a tree with places. Anchors and merge keys are resolved while they stay small."""

import re
from dataclasses import dataclass, field

from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from bot.core.composing.variables import shown
from bot.core.reading.mistakes import Mistake
from bot.core.reading.yaml_events import TOP, Stop, decoded, events, place, stray
from bot.core.reading.yaml_marks import Field, Listing, Mark, Scalar, Table, Tree

DEEPEST = 32
_HALVES = re.compile(rb"\\\\|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
MOST_VALUES = 20_000


@dataclass(frozen=True, slots=True)
class _Grown:
    """A tree, how many values it has with all its aliases written out, and how deep they are nested."""

    tree: Tree
    size: int
    depth: int
    tag: str = ""


@dataclass(slots=True, kw_only=True)
class _Open:
    """A collection whose end has not come yet."""

    at: Mark
    anchor: str | None
    tag: str
    is_table: bool
    fields: dict[str, Field] = field(default_factory=dict)
    merged: list[Table] = field(default_factory=list)
    items: list[Tree] = field(default_factory=list)
    key: Scalar | None = None
    size: int = 1
    depth: int = 0

    def put(self, grown: _Grown) -> None:
        self.size, self.depth = self.size + grown.size, max(self.depth, grown.depth)
        if self.is_table and self.key is None:
            self._named(grown.tree)
        elif self.key is None:
            self.items.append(grown.tree)
        else:
            self._valued(self.key, grown)
            self.key = None

    def closed(self) -> _Grown:
        inherited = {key: each for tree in reversed(self.merged) for key, each in tree.fields.items()}
        tree = (
            Table(at=self.at, fields={**inherited, **self.fields})
            if self.is_table
            else Listing(at=self.at, items=tuple(self.items))
        )
        return _Grown(tree, self.size, self.depth + 1, self.tag)

    def _named(self, tree: Tree) -> None:
        if not isinstance(tree, Scalar):
            raise Stop(stray(tree.at, "a key is a text; here is a list or mapping"))
        if tree.text in self.fields:
            raise Stop(stray(tree.at, f"the key {shown(tree.text)} stands here a second time"))
        self.key = tree

    def _valued(self, key: Scalar, grown: _Grown) -> None:
        tree = grown.tree
        if key.text != "<<" or key.quoted:
            self.fields[key.text] = Field(key=key, value=tree, tag=grown.tag)
            return
        for each in tree.items if isinstance(tree, Listing) else (tree,):
            if not isinstance(each, Table):
                raise Stop(stray(key.at, "what << merges is a mapping, or a list of them"))
            self.merged.append(each)


@dataclass(slots=True, kw_only=True)
class _Growth:
    """A tree while it is read, without recursion."""

    text: str
    root: Tree | None = None
    anchors: dict[str, _Grown] = field(default_factory=dict)
    open: list[_Open] = field(default_factory=list)
    documents: int = 0
    values: int = 0

    def take(self, event: Event) -> None:
        match event:
            case DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise Stop(stray(place(event), "a second document begins here; give one at a time"))
            case AliasEvent():
                self._put(self._alias(event), None)
            case ScalarEvent():
                source = self.text[event.start_mark.index : event.end_mark.index]
                at = self._begin(event)
                scalar = Scalar(at=at, text=event.value, quoted=event.style is not None, source=source)
                self._put(_Grown(scalar, 1, 0, event.tag or ""), event.anchor)
            case CollectionStartEvent():
                if len(self.open) >= DEEPEST:
                    raise Stop(stray(place(event), f"nested more than {DEEPEST} deep"))
                table = isinstance(event, MappingStartEvent)
                self.open.append(_Open(at=place(event), anchor=event.anchor, tag=event.tag or "", is_table=table))
            case CollectionEndEvent():
                closed = self.open.pop()
                self._put(closed.closed(), closed.anchor)
            case _:
                pass

    def _begin(self, event: ScalarEvent) -> Mark:
        key = self.open[-1].key if self.open else None
        return key.at if key and not event.value and event.style is None else place(event)

    def _alias(self, event: AliasEvent) -> _Grown:
        if event.anchor not in self.anchors:
            raise Stop(stray(place(event), f"there is no anchor &{shown(str(event.anchor))} above"))
        return self.anchors[event.anchor]

    def _put(self, grown: _Grown, anchor: str | None) -> None:
        self.values += grown.size if isinstance(grown.tree, Scalar) else 1
        if anchor:
            self.anchors[anchor] = grown
        if self.values > MOST_VALUES or grown.size > MOST_VALUES:
            raise Stop(stray(grown.tree.at, f"more than {MOST_VALUES:,} values, aliases written out, are refused"))
        if grown.depth > DEEPEST:
            raise Stop(stray(grown.tree.at, f"nested more than {DEEPEST} deep"))
        if self.open:
            self.open[-1].put(grown)
        else:
            self.root = grown.tree


def parse(file: bytes) -> Tree | Mistake:
    """Read one document; no bytes of any form raise."""
    text = decoded(file)
    if isinstance(text, Mistake):
        return text
    if text.mistakes:
        return text.mistakes[0]
    growth = _Growth(text=text.whole)
    try:
        for event in events(text.whole):
            growth.take(event)
    except Stop as stop:
        return stop.mistake
    return growth.root or stray(TOP, "the file is empty")


def parse_json(file: bytes) -> Tree | Mistake:
    """JSON is YAML, but for tabs between its values, and for characters written as two halves."""
    return parse(_HALVES.sub(_whole, file.replace(b"\t", b" ")))


def _whole(found: re.Match[bytes]) -> bytes:
    if not found[1]:
        return found[0]
    return bytes.fromhex((found[1] + found[2]).decode()).decode("utf-16-be").encode()
