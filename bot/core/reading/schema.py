"""The spec as a JSON Schema (draft 2020-12), made from the same types that read it."""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from bot.core.model import Health, Job, Service, Spec, Task, Value

_ONE_SOURCE = {"oneOf": [{"required": ["image"]}, {"required": ["build"]}]}
_ONE_PROBE = {"oneOf": [{"required": [way]} for way in ("tcp", "http", "exec")]}
_PUBLIC = {"if": {"properties": {"public": {"const": True}}, "required": ["public"]}, "then": {"required": ["port"]}}
_RULES: Mapping[type[Value], Mapping[str, object]] = {
    Service: {**_ONE_SOURCE, **_PUBLIC},
    Job: _ONE_SOURCE,
    Task: _ONE_SOURCE,
    Health: _ONE_PROBE,
}
"""What keys together have to be, as far as an editor can be told; `matinee check` knows the rest."""


def text() -> str:
    """The schema as JSON, as it is published."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """The schema of a whole file."""
    made = Spec.model_json_schema()
    definitions = made.pop("$defs")
    kinds: dict[str, type[Value]] = {kind.__name__: kind for kind in _kinds(Value)}
    told = {name: _told(_clean(each), kinds.get(name)) for name, each in sorted(definitions.items())}
    whole = _told(_clean(made), Spec)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "matinee.yaml"}
    return {**head, **{key: value for key, value in whole.items() if key != "title"}, "$defs": told}


def meanings(kind: type[Value]) -> Mapping[str, str]:
    """Each key's meaning: the line below it in the source."""
    own = _documented(kind)
    inherited = meanings(kind.__base__) if kind.__base__ and issubclass(kind.__base__, Value) else {}
    return {**inherited, **own}


def _kinds(kind: type[Value]) -> Iterator[type[Value]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)


def _documented(kind: type[Value]) -> dict[str, str]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    lines = body.body if isinstance(body, ast.ClassDef) else []
    return {
        key.target.id: str(below.value.value)
        for key, below in pairwise(lines)
        if isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
    }


def _told(schema: dict[str, Any], kind: type[Value] | None) -> dict[str, Any]:
    if kind is None:
        return schema
    said = meanings(kind)
    properties = {key: {"description": said[key], **each} for key, each in schema["properties"].items()}
    return {**schema, "properties": properties, **_RULES.get(kind, {})}


def _clean(schema: Any) -> Any:
    """Without titles, without null (a key without a value is refused), and with names that are judged."""
    if isinstance(schema, list):
        return [_clean(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in ("title", "patternProperties", "properties")}
    cleaned = {key: _clean(value) for key, value in kept.items() if (key, value) != ("default", None)}
    if isinstance(default := cleaned.get("default"), dict):
        cleaned["default"] = {key: value for key, value in default.items() if value is not None}
    for pattern, inner in schema.get("patternProperties", {}).items():
        cleaned |= {"propertyNames": {"pattern": pattern}, "additionalProperties": _clean(inner)}
    if "properties" in schema:
        cleaned["properties"] = {key: _clean(value) for key, value in schema["properties"].items()}
    several = [each for each in cleaned.pop("anyOf", []) if each != {"type": "null"}]
    match several:
        case []:
            return cleaned
        case [one]:
            return {**one, **cleaned}
        case _:
            return {**cleaned, "anyOf": several}
