"""Which of the spec's values stands at which path: read off the model, so that there is nothing to keep in step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from bot.core.model import Spec, Value
from bot.core.yaml_marks import Mark, Path, Table, Tree

_WRAPPED = (Annotated, Union, UnionType)


def kind_at(path: Path) -> type[Value] | None:
    """The kind of value at this path, None where it is none of the spec's own."""
    annotation: object = Spec
    for part in path:
        annotation = _inside(annotation, part)
    return _kind(annotation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A mapping that stands for one of the spec's values, and the place of the key that leads to it."""

    path: Path
    kind: type[Value]
    table: Table
    at: Mark


def values(tree: Table) -> Iterator[Spot]:
    """Every mapping of the tree that stands for one of the spec's values."""
    return _values(tree, tree.at, Spec, ())


def _values(tree: Tree, at: Mark, annotation: object, path: Path) -> Iterator[Spot]:
    if not isinstance(tree, Table):
        return
    if kind := _kind(annotation):
        yield Spot(path=path, kind=kind, table=tree, at=at)
    for key, field in tree.fields.items():
        inner = _inside(annotation, key)
        if inner is not None:
            yield from _values(field.value, field.key.at, inner, (*path, key))


def _inside(annotation: object, part: str | int) -> object:
    if kind := _kind(annotation):
        field = kind.model_fields.get(str(part))
        return field.annotation if field else None
    found = next((each for each in _members(annotation) if get_origin(each) is Mapping), None)
    return get_args(found)[1] if found else None


def _kind(annotation: object) -> type[Value] | None:
    return next((each for each in _members(annotation) if isinstance(each, type) and issubclass(each, Value)), None)


def _members(annotation: object) -> Iterator[Any]:
    """The types that an annotation speaks of: `Annotated[Build | None, …]` of Build and None."""
    if get_origin(annotation) in _WRAPPED:
        for argument in get_args(annotation):
            yield from _members(argument)
    else:
        yield annotation
