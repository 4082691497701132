"""Every row of the table of calls is in GitHub's published description: its verb, path, query and body."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.world.github_calls import CALLS, Body, Call

Schema = Mapping[str, Any]
PUBLISHED = {
    (each["verb"], each["path"]): each
    for each in json.loads((Path(__file__).parent / "github_description.json").read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.verb} {call.path}")
def test_github_describes_every_call_of_the_table(call: Call) -> None:
    published = PUBLISHED.get((call.verb, call.path))
    assert published is not None, "tests/world/describe_github.py writes the file anew"
    assert call.docs == published["docs"]
    assert call.query <= {*published["query"]}
    if call.body is None:
        assert "required" not in (published["body"] or {})
    else:
        ours = call.body.model_json_schema()
        assert list(beyond(ours, published["body"] or {}, ours, published["body"] or {})) == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"tilte": (str, ...)}, "tilte is not described"),
        ({"state": (str, ...)}, "state may be anything"),
        ({"state": (int, ...)}, "state may not be integer"),
        ({}, "state is missing"),
    ],
)
def test_a_body_that_goes_beyond_the_description_is_found(body: dict[str, Any], says: str) -> None:
    from pydantic import create_model

    ours = create_model("Wrong", __base__=Body, **body).model_json_schema()
    theirs = PUBLISHED["POST", "/repos/{owner}/{repo}/statuses/{sha}"]["body"]
    assert says in list(beyond(ours, theirs, ours, theirs))


def beyond(ours: Schema, theirs: Schema, root: Schema, their_root: Schema, at: str = "") -> Iterator[str]:
    """What the first schema allows and the second does not."""
    others = list(forms(theirs, their_root))
    left_out = "default" in ours and ours["default"] is None
    mine = [form for form in forms(ours, root) if not (left_out and kind(form) == "null")]
    types = {kind(form) for form in others}
    for form in mine:
        if kind(form) not in types and "anything" not in types:
            yield f"{at} may not be {kind(form)}"
        alike = [each for each in others if kind(each) == kind(form)]
        allowed = [value for each in alike for value in values(each)]
        if allowed and not values(form):
            yield f"{at} may be anything"
        yield from (f"{at} may not be {value}" for value in values(form) if allowed and value not in allowed)
        if kind(form) == "array" and alike:
            yield from beyond(form["items"], alike[0].get("items", {}), root, their_root, f"{at}[]")
        if "properties" in form:
            yield from _beyond_object(form, alike, root, their_root, at)


def _beyond_object(form: Schema, alike: list[Schema], root: Schema, their_root: Schema, at: str) -> Iterator[str]:
    described: dict[str, list[Schema]] = {}
    for name, each in (pair for one in alike for pair in one.get("properties", {}).items()):
        described.setdefault(name, []).append(each)
    needed = set.intersection(*({*one.get("required", ())} for one in alike)) if alike else set()
    yield from (f"{name} is missing" for name in needed - {*form.get("required", ())})
    for name, each in form["properties"].items():
        place = f"{at}.{name}".lstrip(".")
        if name not in described:
            yield f"{place} is not described"
        else:
            yield from beyond(each, {"anyOf": described[name]}, root, their_root, place)


def forms(schema: Schema, root: Schema) -> Iterator[Schema]:
    """Every form that it may have, no reference left."""
    if "$ref" in schema:
        yield from forms(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    elif "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from forms(each, root)
    else:
        yield schema


def kind(form: Schema) -> str:
    """Its JSON type."""
    if "const" in form or "enum" in form:
        return str(form.get("type", "string"))
    return str(form.get("type", "anything"))


def values(form: Schema) -> list[Any]:
    """What alone it may be, if so."""
    return [form["const"]] if "const" in form else list(form.get("enum", ()))
