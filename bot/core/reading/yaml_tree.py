"""A file's bytes → its tree, or what keeps it from being one: the refusals that concern YAML and not the spec."""

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
from bot.core.reading.yaml_events import REPLACED, TOP, Stop, decoded, events, place, stray
from bot.core.reading.yaml_marks import Field, Listing, Mark, Path, Scalar, Table, Tree

DEEPEST = 16
MOST_VALUES = 20_000
_LARGEST_TEXT = 120 * 2**10
_UNFIT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The tree, None where it is not whole and judging it further would mislead; and what is wrong so far."""

    tree: Tree | None
    mistakes: tuple[Mistake, ...]
    unfit: tuple[Mistake, ...] = ()
    """Those of the mistakes that leave nothing to be said of their value."""


def parse(file: bytes) -> Parsed:
    """Read one YAML document; no bytes of any form raise."""
    text = decoded(file)
    if isinstance(text, Mistake):
        return Parsed(tree=None, mistakes=(text,))
    growth = _Growth(text=text.whole, mistakes=list(text.mistakes), damaged=bool(text.mistakes))
    try:
        for event in events(text.whole):
            growth.take(event)
    except Stop as stop:
        return Parsed(tree=None, mistakes=(*growth.mistakes, stop.mistake))
    if growth.tree is None:
        growth.note(TOP, "the file is empty; it begins with `version: 1`")
    tree = growth.tree if growth.whole else None
    return Parsed(tree=tree, mistakes=tuple(growth.mistakes), unfit=tuple(growth.unfit))


@dataclass(slots=True, kw_only=True)
class _Open:
    """A collection whose end has not come yet."""

    at: Mark
    path: Path
    is_table: bool
    items: list[Tree] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    key: Scalar | None = None
    dropped: bool = False
    """The value of this key counts for nothing."""

    @property
    def awaits_key(self) -> bool:
        return self.is_table and self.key is None

    @property
    def next(self) -> Path:
        """The path of what comes next."""
        return (*self.path, self.key.text if self.key else len(self.items))

    def put(self, value: Tree) -> None:
        if self.key is None:
            self.items.append(value)
        elif not self.dropped:
            self.fields[self.key.text] = Field(key=self.key, value=value)
        self.key = None

    def closed(self) -> Tree:
        return Table(at=self.at, fields=self.fields) if self.is_table else Listing(at=self.at, items=tuple(self.items))


@dataclass(slots=True, kw_only=True)
class _Growth:
    """A tree while it is read, without recursion: no depth of nesting can exhaust the stack."""

    text: str
    damaged: bool
    """Characters were taken out of the text."""
    tree: Tree | None = None
    whole: bool = True
    mistakes: list[Mistake] = field(default_factory=list)
    unfit: list[Mistake] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    documents: int = 0
    values: int = 0

    def note(self, at: Mark, message: str) -> None:
        """Remember a mistake and read on."""
        self.mistakes.append(Mistake(path=self._path, at=at, message=message))

    def take(self, event: Event) -> None:
        """Grow by one event."""
        match event:
            case DocumentStartEvent():
                self._document(event)
            case AliasEvent():
                self.note(place(event), f"aliases are refused (*{shown(str(event.anchor))}); write the value out")
                self.whole = False
                self._put(Scalar(at=place(event), text="", quoted=False, source=""))
            case ScalarEvent():
                self._check(event)
                self._scalar(event)
            case CollectionStartEvent():
                self._check(event)
                self._opened(event)
            case CollectionEndEvent():
                self._put(self.open.pop().closed())
            case _:
                pass

    @property
    def _path(self) -> Path:
        if not self.open:
            return ()
        return self.open[-1].path if self.open[-1].awaits_key else self.open[-1].next

    def _document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            raise Stop(stray(place(event), "a second document begins here; one file holds one"))
        if event.version or event.tags:
            self.note(TOP, "%YAML and %TAG lines are refused; the file is YAML 1.2")

    def _check(self, event: ScalarEvent | CollectionStartEvent) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            raise Stop(stray(place(event), f"more than {MOST_VALUES:,} values are refused"))
        if event.anchor is not None:
            self.note(
                place(event), f"anchors are refused (&{shown(str(event.anchor))}); write the value out where it is used"
            )
        if event.ctag is not None:
            self.note(place(event), f"tags are refused ({_tag(event)}); write the value without it")

    def _opened(self, event: CollectionStartEvent) -> None:
        if self.open and self.open[-1].awaits_key:
            raise Stop(Mistake(path=self._path, at=place(event), message="a key is a text; here is a list or mapping"))
        if len(self.open) >= DEEPEST:
            raise Stop(Mistake(path=self._path, at=place(event), message=f"nested more than {DEEPEST} deep"))
        self.open.append(_Open(at=place(event), path=self._path, is_table=isinstance(event, MappingStartEvent)))

    def _scalar(self, event: ScalarEvent) -> None:
        source = self.text[event.start_mark.index : event.end_mark.index]
        text, odd = _UNFIT.subn(REPLACED, event.value)
        scalar = Scalar(at=self._begin(event), text=text, quoted=event.style is not None, source=source)
        if odd:
            self.note(scalar.at, "a NUL or half a surrogate pair is no text; take the escape out")
        if odd or (self.damaged and REPLACED in text):
            self.unfit.append(Mistake(path=self._path, at=scalar.at, message=""))
        elif len(scalar.text.encode()) > _LARGEST_TEXT:
            self.note(scalar.at, f"a text over {_LARGEST_TEXT // 2**10} KiB fits no environment variable")
        if self.open and self.open[-1].awaits_key:
            self._key(scalar)
        else:
            self._put(scalar)

    def _begin(self, event: ScalarEvent) -> Mark:
        """Where the value begins; of one left empty, which the parser finds only at the next token, its key."""
        key = self.open[-1].key if self.open else None
        return key.at if key and not event.value and event.style is None else place(event)

    def _key(self, key: Scalar) -> None:
        table = self.open[-1]
        table.key, table.dropped = key, True
        if key.text == "<<" and not key.quoted:
            self.note(key.at, "merge keys are refused (<<); write the values out")
        elif key.text in table.fields:
            first = table.fields[key.text].key.at.line
            self.note(key.at, f"the key stands here a second time; the first is in line {first}")
        else:
            table.dropped = False

    def _put(self, value: Tree) -> None:
        if self.open and self.open[-1].awaits_key:
            raise Stop(Mistake(path=self._path, at=value.at, message="a key is a text; here is an alias"))
        if self.open:
            self.open[-1].put(value)
        else:
            self.tree = value


def _tag(event: ScalarEvent | CollectionStartEvent) -> str:
    return shown(str(event.ctag).replace("tag:yaml.org,2002:", "!!"))
