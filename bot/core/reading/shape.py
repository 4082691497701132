"""Which of the spec's values stands at which path: read off the model, so that there is nothing to keep in step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import StringConstraints

from bot.core.model import Spec, Value
from bot.core.reading.yaml_marks import Mark, Path, Table, Tree


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand at one path; of an unknown key, nothing."""

    annotation: Any = None

    @property
    def known(self) -> bool:
        """Whether the path leads to anything that a spec has."""
        return self.annotation is not None

    @property
    def kind(self) -> type[Value] | None:
        """The kind of value, None where it is none of the spec's own."""
        return next((each for each in self._types if isinstance(each, type) and issubclass(each, Value)), None)

    @property
    def choices(self) -> tuple[str, ...]:
        """The words of which one may stand here; none where others may."""
        found = (each for each in self._types if isinstance(each, type) and issubclass(each, StrEnum))
        return tuple(choice.value for each in found for choice in each)

    @property
    def pattern(self) -> str:
        """What a text has to look like; empty where it may be any."""
        hints = (hint for hint in _hints(self.annotation) if isinstance(hint, StringConstraints))
        return next((str(hint.pattern) for hint in hints if hint.pattern), "")

    @property
    def optional(self) -> bool:
        """Whether there is something that only leaving the key out can say."""
        return NoneType in self._types

    def inside(self, part: str | int) -> "Shape":
        """What may stand under this key or list position."""
        if self.kind is not None:
            field = self.kind.model_fields.get(str(part))
            return Shape(Annotated[field.annotation, *field.metadata, "field"]) if field else Shape()
        collection = tuple if isinstance(part, int) else Mapping
        found = next((each for each in self._types if get_origin(each) is collection), None)
        return Shape(get_args(found)[0 if isinstance(part, int) else 1]) if found else Shape()

    @property
    def _types(self) -> tuple[Any, ...]:
        return tuple(_members(self.annotation))


WHOLE = Shape(Spec)


def shape_at(path: Path) -> Shape:
    """What may stand at this path."""
    shape = WHOLE
    for part in path:
        shape = shape.inside(part)
    return shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A mapping that stands for one of the spec's values, and the place of the key that leads to it."""

    path: Path
    kind: type[Value]
    shape: Shape
    table: Table
    at: Mark


def values(tree: Table) -> Iterator[Spot]:
    """Every mapping of the tree that stands for one of the spec's values."""
    return _values(tree, tree.at, WHOLE, ())


def _values(tree: Tree, at: Mark, shape: Shape, path: Path) -> Iterator[Spot]:
    if not isinstance(tree, Table):
        return
    if kind := shape.kind:
        yield Spot(path=path, kind=kind, shape=shape, table=tree, at=at)
    for key, field in tree.fields.items():
        inner = shape.inside(key)
        if inner.known:
            yield from _values(field.value, field.key.at, inner, (*path, key))


def _members(annotation: Any) -> Iterator[Any]:
    """The types that an annotation speaks of: `Annotated[Build | None, …]` of Build and None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for argument in get_args(annotation):
            yield from _members(argument)
    else:
        yield annotation


def _hints(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *hints = get_args(annotation)
        yield from (*hints, *_hints(inner))
    elif origin in (Union, UnionType):
        for argument in get_args(annotation):
            yield from _hints(argument)
