"""Every key of the spec stands in an example of the pages."""

import json
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML

from tests.docs.snippets import ROOT, of

SCHEMA = json.loads((ROOT / "docs" / "matinee.schema.json").read_text())


def keys(schema: dict[str, Any], at: str = "", *, depth: int = 0) -> Iterator[str]:
    """Paths like `services.*.build.root`; a task in a task is none, so that it ends."""
    if "$ref" in schema:
        schema = {
            **SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[-1]],
            **{k: v for k, v in schema.items() if k != "$ref"},
        }
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from keys(each, at, depth=depth)
    for name, below in schema.get("properties", {}).items():
        yield f"{at}{name}"
        if depth < 8:
            yield from keys(below, f"{at}{name}.", depth=depth + 1)
    for below in (schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()):
        if isinstance(below, dict) and depth < 8:
            yield from keys(below, f"{at}*.", depth=depth + 1)


def shown(document: object, at: str, every: frozenset[str]) -> Iterator[str]:
    """The keys that stand in an example."""
    if isinstance(document, dict):
        for name, below in document.items():
            path = f"{at}{name}" if f"{at}{name}" in every else f"{at}*"
            yield path
            yield from shown(below, f"{path}.", every)


def test_every_key_of_the_spec_stands_in_an_example():
    every = frozenset(keys(SCHEMA))
    assert len(every) > 50
    documents = [YAML(typ="safe").load(snippet.text) for snippet in of("yaml")]
    specs = [document for document in documents if "version" in document]
    there = {path for document in specs for path in shown(document, "", every)}
    # What a job or a task has as a service has is shown there.
    alike = {path for path in every if path.replace("jobs.", "services.", 1) in there or ".tasks." in path}
    missing = sorted(every - there - alike)
    assert missing == []
    assert {"services.*.tasks.*.hook", "services.*.tasks.*.sidecar", "services.*.tasks.*.on_failure"} <= there
