"""Every key of the spec as a page for people, made from its JSON Schema."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.core.patterns import FORMS
from bot.core.reading.schema import document

_HEAD = """\
# Every key of `matinee.yaml`

Made by `matinee schema --markdown` from the types that read the file. [The spec](spec.md) shows how the keys work
together. For editors there is [matinee.schema.json](matinee.schema.json): name it in the first line of the file, as
`# yaml-language-server: $schema=…`.

`NAME` stands for a name that you give. A key that is not listed is a mistake, and so is one without a value.
"""
_TYPES = {"string": "text", "boolean": "`true` or `false`", "integer": "whole number"}
_Schema = Mapping[str, Any]


def page() -> str:
    """The whole page: one table for each kind of value, in the order in which one meets them."""
    whole = document()
    places: dict[str, list[str]] = {}
    for path, kind in _places(whole, whole, ""):
        places.setdefault(kind, []).append(path)
    found = ((kind, paths, whole["$defs"].get(kind, whole)) for kind, paths in places.items())
    return "\n".join([_HEAD, *(_section(kind, paths, schema, whole) for kind, paths, schema in found)])


def _places(schema: _Schema, whole: _Schema, path: str) -> Iterator[tuple[str, str]]:
    """The path of every value that has keys of its own, with its kind."""
    kind = _kind(schema)
    if schema is whole or (kind and "properties" in whole["$defs"][kind]):
        yield path, kind
        for key, inner in (whole["$defs"][kind] if kind else whole)["properties"].items():
            yield from _places(inner, whole, f"{path}.{key}".removeprefix("."))
    elif isinstance(inner := schema.get("additionalProperties"), dict):
        yield from _places(inner, whole, f"{path}.{'EVENT' if path.endswith('.on') else 'NAME'}")


def _section(kind: str, paths: list[str], schema: _Schema, whole: _Schema) -> str:
    where = ", ".join(f"`{path}`" for path in paths if path)
    needed = schema.get("required", ())
    rows = (
        (f"`{key}`", _value(inner, whole), "must be given" if key in needed else _default(inner), inner["description"])
        for key, inner in schema["properties"].items()
    )
    head = [f"## {kind or 'The file'}", "", *([f"At {where}.", ""] if where else []), schema["description"], ""]
    return "\n".join([*head, "| key | value | default | meaning |", "|---|---|---|---|", *map(_row, rows), ""])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"


def _default(schema: _Schema) -> str:
    default = schema.get("default")
    if default in (None, {}, []):
        return ""
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _value(schema: _Schema, whole: _Schema) -> str:
    """What may be written, in words."""
    match schema:
        case {"$ref": _}:
            return _referred(_kind(schema), whole)
        case {"anyOf": several}:
            return " or ".join(_value(each, whole) for each in several)
        case {"pattern": pattern}:
            return f"{FORMS[pattern].noun} ({FORMS[pattern].advice})".replace("*", r"\*")
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"`{least}`" if least == most else f"{least} to {most}"
        case {"type": "array", "items": items}:
            return f"list of: {_value(items, whole)}"
        case {"type": "object", "additionalProperties": inner}:
            names = schema.get("propertyNames", {})
            return f"mapping of {_named(names, whole)} → {_value(inner, whole)}"
        case _:
            return _TYPES[schema["type"]]


def _referred(kind: str, whole: _Schema) -> str:
    choices = whole["$defs"][kind].get("enum")
    return ", ".join(f"`{choice}`" for choice in choices) if choices else f"[{kind}](#{kind.lower()})"


def _named(names: _Schema, whole: _Schema) -> str:
    return _value(names, whole) if "$ref" in names else FORMS[names["pattern"]].noun


def _kind(schema: _Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
