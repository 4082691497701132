"""pydantic's errors in our words, at their place in the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.core.composing.variables import shown
from bot.core.model import JobEvent, Value
from bot.core.patterns import FORMS, RANGES, Form
from bot.core.reading.hints import other_type, written
from bot.core.reading.mistakes import Mistake
from bot.core.reading.shape import shape_at
from bot.core.reading.yaml_marks import Listing, Mark, Path, Scalar, Table, Tree

_MISSING = {
    "version": "version is missing; write version: 1 at the top",
    "on": "on is missing; name the events at which the job runs, like on: {deploy: {}}",
}
_EMPTY = {
    "on": "name at least one event, like deploy: {}",
    "exec": "the command is empty; write it like [pg_isready, -q]",
}
_WANTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "string_type": "a text",
    "tuple_type": "a list",
    "mapping_type": "a mapping",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}
_NOT_HERE = (
    "a secret's value does not stand in this file; write generate for one that is made for each environment, "
    "or leave the name out and let the operator give it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an error stands: the value there, and the key that leads to it, where one does."""

    path: Path
    tree: Tree
    key: Scalar | None

    @property
    def owner(self) -> Mark:
        """The key's place: where one looks for what a whole mapping lacks."""
        return self.key.at if self.key else self.tree.at

    @property
    def last(self) -> str:
        """The nearest key's name."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")


def complaints(error: ValidationError, tree: Tree) -> Iterator[Mistake]:
    """Every error as a mistake; several wishes for one value become one sentence."""
    wanted: dict[Path, list[str]] = {}
    judged: set[Path] = set()
    for detail in error.errors(include_url=False, include_input=False):
        place = _place(detail["loc"], tree)
        if detail["type"] in _WANTED:
            wanted.setdefault(place.path, []).append(_WANTED[detail["type"]])
        else:
            judged.add(place.path)
            yield _mistake(detail, place)
    for path in wanted.keys() - judged:
        place = _place(path, tree)
        yield Mistake(path=path, at=place.tree.at, message=other_type(place.tree, wanted[path], path))


def _place(loc: Iterable[str | int], tree: Tree) -> _Place:
    """Follow pydantic's location as far as the file has it; what it adds itself (`[key]`, `int`) leads nowhere."""
    place = _Place(path=(), tree=tree, key=None)
    for part in loc:
        match place.tree:
            case Table(fields=fields) if part in fields:
                field = fields[str(part)]
                place = _Place(path=(*place.path, part), tree=field.value, key=field.key)
            case Listing(items=items) if isinstance(part, int) and part < len(items):
                place = _Place(path=(*place.path, part), tree=items[part], key=None)
            case _:
                pass
    return place


def _mistake(detail: ErrorDetails, place: _Place) -> Mistake:
    context, on_key = detail.get("ctx", {}), detail["loc"][-1] == "[key]" and place.key is not None
    match detail["type"]:
        case "extra_forbidden":
            return _unknown_key(place.path, place.owner)
        case "missing":
            name = str(detail["loc"][-1])
            return Mistake(path=(*place.path, name), at=place.owner, message=_MISSING.get(name, f"{name} is missing"))
        case "enum":
            return _unknown_event(place) if on_key else _unknown_choice(place)
        case "string_pattern_mismatch":
            text = (shown(place.last) or '""') if on_key else written(place.tree)
            message = _unlike(text, FORMS[context["pattern"]])
            return Mistake(path=place.path, at=place.owner if on_key else place.tree.at, message=message)
        case "greater_than_equal" | "less_than_equal":
            message = _unlike(written(place.tree), RANGES.get(place.last, Form("number for this", "use another")))
        case "string_too_long":
            message = f"{written(place.tree)} is too long; use at most {context['max_length']} characters"
        case "too_short":
            message = _EMPTY.get(place.last, "nothing is given here")
        case _:
            message = f"{written(place.tree)}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"
    return Mistake(path=place.path, at=place.tree.at, message=message)


def _unlike(text: str, form: Form) -> str:
    return f"{'this' if form.hides else text} is no {form.noun}; {form.advice}"


def _unknown_key(path: Path, at: Mark) -> Mistake:
    kind, key = shape_at(path[:-1]).kind or Value, str(path[-1])
    message = f"there is no key {shown(key)} here"
    return Mistake(path=path, at=at, message=message, allowed=tuple(kind.model_fields), word=key)


def _unknown_event(place: _Place) -> Mistake:
    message = f"{shown(place.last)} is no event of a job"
    return Mistake(path=place.path, at=place.owner, message=message, allowed=tuple(JobEvent), word=place.last)


def _unknown_choice(place: _Place) -> Mistake:
    choices, tree = shape_at(place.path).choices, place.tree
    word = tree.text if isinstance(tree, Scalar) else ""
    secret = place.path[:1] == ("secrets",)
    message = _NOT_HERE if secret else f"{written(tree) or 'nothing'} is none of the words for {place.last}"
    return Mistake(path=place.path, at=tree.at, message=message, allowed=choices, word=word)
