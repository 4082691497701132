"""pydantic's errors in our words, at their place in the file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.core import model
from bot.core.mistakes import Mistake
from bot.core.model import Build, Job, JobEvent, Outputs, Service, Spec, Trigger, Value
from bot.core.names import NAME, VARIABLE
from bot.core.shape import kind_at
from bot.core.variables import shown
from bot.core.yaml_marks import Listing, Mark, Path, Scalar, Table, Tree

NOT_YET: Mapping[type[Value], frozenset[str]] = {
    Spec: frozenset({"preview", "secrets"}),
    Service: frozenset({"domain", "files", "replicas", "tasks", "wait"}),
    Job: frozenset({"files", "tasks", "wait"}),
    Build: frozenset({"contexts", "ref", "repository", "secrets"}),
    Trigger: frozenset({"paths", "port", "run"}),
    Outputs: frozenset({"on_invalid"}),
}
"""Keys that are documented and come later."""

_NAME = "is no name; use at most 40 of a-z, 0-9 and -, a letter first and no - at the end"
_DURATION = "is no duration; write it like 30s, 5m or 1h30m"
_PATTERNS = {
    f"^{NAME.pattern}$": _NAME,
    f"^{VARIABLE.pattern}$": "is no variable name; use letters, digits and _, no digit first",
    model.TITLE: "is no name; use at most 100 letters, digits, spaces and . _ - between them",
    model.DURATION: _DURATION,
    model.TIMESPAN: f"{_DURATION}, above zero",
    model.ABSOLUTE: "is no folder of a container; write its whole path, like /var/lib/data",
    model.SIZE: "is no size; write it like 512Mi or 1Gi",
    model.CPU: 'is no share of processors; write it like 500m (half a core) or "2"',
    model.IMAGE: "is no image; write its name, like postgres:16",
    model.STAGE: "is no build stage; write the name after AS in the Dockerfile",
    model.PLATFORM: "is no platform; write it like linux/amd64",
    model.USER: "is no user; write an id or a name, like 1000 or 1000:1000",
    model.URL_PATH: "is no path; begin it with /",
}
_PORT = "is no port; use 1 to 65535"
_RANGES = {
    "port": _PORT,
    "tcp": _PORT,
    "restarts": "is no number of restarts; use 0 to 100",
    "max_duration": "is no time limit in seconds; use 1 to 86400 (one day)",
    "user": "is no user id; use 0 to 4294967294",
    "version": "is no version of this file; write version: 1",
}
_MISSING = {
    "version": "version is missing; write version: 1 at the top",
    "on": "on is missing; name the events at which the job runs, like on: {deploy: {}}",
}
_EMPTY = {
    "on": "name at least one event, like deploy: {}",
    "exec": "the command is empty; write it like [pg_isready, -q]",
}
_EMPTIES = {"a text": ': ""', "a list": ": []", "a mapping": ": {}"}
_WANTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "string_type": "a text",
    "tuple_type": "a list",
    "mapping_type": "a mapping",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


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
        yield Mistake(path=path, at=place.tree.at, message=_other_type(place.tree, wanted[path]))


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
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return _unknown_key(place.path, place.owner)
        case "missing":
            name = str(detail["loc"][-1])
            return Mistake(path=(*place.path, name), at=place.owner, message=_MISSING.get(name, f"{name} is missing"))
        case "enum":
            return _unknown_event(place)
        case "string_pattern_mismatch":
            on_key = detail["loc"][-1] == "[key]" and place.key is not None
            phrase = _PATTERNS.get(context["pattern"], f"does not look like {context['pattern']}")
            text = shown(place.last) or '""' if on_key else _written(place.tree)
            return Mistake(path=place.path, at=place.owner if on_key else place.tree.at, message=f"{text} {phrase}")
        case "greater_than_equal" | "less_than_equal":
            message = f"{_written(place.tree)} {_RANGES.get(place.last, 'is out of range')}"
        case "too_short":
            message = _EMPTY.get(place.last, "nothing is given here")
        case "value_error":
            return Mistake(path=place.path, at=place.owner, message=str(context["error"]))
        case _:
            message = f"{_written(place.tree)}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"
    return Mistake(path=place.path, at=place.tree.at, message=message)


def _unknown_key(path: Path, at: Mark) -> Mistake:
    """What to say of a key that this version does not know."""
    kind, key = kind_at(path[:-1]) or Value, str(path[-1])
    name = shown(key)
    if key in NOT_YET.get(kind, ()):
        return Mistake(path=path, at=at, message=f"{name} is not built yet in this version; leave it out")
    return Mistake(path=path, at=at, message=f"there is no key {name} here", allowed=tuple(kind.model_fields), word=key)


def _unknown_event(place: _Place) -> Mistake:
    message = f"{shown(place.last)} is no event of a job"
    return Mistake(path=place.path, at=place.owner, message=message, allowed=tuple(JobEvent), word=place.last)


def _other_type(tree: Tree, wishes: Iterable[str]) -> str:
    """Say what stands there and what is wanted instead, with the way to write it."""
    wanted, found = " or ".join(dict.fromkeys(wishes)), _written(tree)
    if not isinstance(tree, Scalar):
        return f"{found} stands here; {wanted} is wanted"
    if tree.value is None and tree.text in ("", "~"):
        return f"nothing is given here; {wanted} is wanted{_EMPTIES.get(wanted, '')}"
    if "a text" in wanted and not isinstance(tree.value, str):
        return f'{found} is no text; quote it: "{found}"'
    if wanted == "a list":
        return f"{found} stands here; a list is wanted: [{found}]"
    if wanted == "a whole number" and tree.quoted and tree.text.isdecimal():
        return f"{found} is quoted, and so a text; a whole number is wanted: {shown(tree.text)}"
    return f"{found} stands here; {wanted} is wanted"


def _written(tree: Tree) -> str:
    match tree:
        case Table():
            return "a mapping"
        case Listing():
            return "a list"
        case Scalar(quoted=True):
            return f'"{shown(tree.text)}"'
        case Scalar():
            return shown(tree.text)
