"""Every text of a spec in which references may stand, or are hoped for. The tree may be wrong elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.reading.shape import WHOLE, Shape
from bot.core.reading.vocabulary import Place
from bot.core.reading.yaml_marks import Listing, Path, Scalar, Table, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text at its place; `node` where it belongs to one."""

    path: Path
    scalar: Scalar
    place: Place

    @property
    def node(self) -> str:
        """The service or job that it belongs to; empty for one of the whole environment."""
        return str(self.path[1]) if self.path[0] in ("services", "jobs") else ""


def texts(tree: Tree) -> Iterator[Text]:
    """Each text under a key that a spec has."""
    return (text for text in _texts(tree, WHOLE, ()) if isinstance(text.scalar.value, str))


def _texts(tree: Tree, shape: Shape, path: Path) -> Iterator[Text]:
    match tree:
        case Scalar():
            yield Text(path=path, scalar=tree, place=_place(path))
        case Listing(items=items):
            for index, item in enumerate(items):
                yield from _texts(item, shape.inside(index), (*path, index))
        case Table(fields=fields):
            inner = ((key, field.value, shape.inside(key)) for key, field in fields.items())
            for key, value, inside in inner:
                if inside.known:
                    yield from _texts(value, inside, (*path, key))


def _place(path: Path) -> Place:
    match path:
        case ("variables", *_):
            return Place.SHARED
        case ("services" | "jobs", _, "tasks", _, *rest):
            return _in_container(rest)
        case ("jobs", _, "on", _, *rest):
            return _in_container(rest)
        case ("services" | "jobs", _, *rest):
            return _in_container(rest)
        case _:
            return Place.NOWHERE


def _in_container(path: list[str | int]) -> Place:
    match path:
        case ["variables" | "files", *_]:
            return Place.VARIABLE
        case ["build", "args", *_]:
            return Place.BUILD
        case ["entrypoint" | "args", *_] | ["health", "http" | "exec", *_]:
            return Place.ARGUMENT
        case _:
            return Place.NOWHERE
