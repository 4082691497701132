import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from bot.core.model import Service, Spec
from bot.core.reading import reference, schema
from bot.core.reading.spec import read

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "tests" / "core" / "specs"
VALID = sorted([*(SPECS / "good").glob("*.yaml"), *ROOT.glob("examples/**/matinee.yaml")])
EXAMPLES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "spec.md").read_text(), re.DOTALL)
VALIDATOR = Draft202012Validator(schema.document())
KEY = st.sampled_from(list(Service.model_fields)) | st.from_regex(r"[a-z]{1,12}", fullmatch=True)
SMALLEST = {"version": 1, "services": {"web": {"image": "nginx"}}}


def loaded(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text)


def test_the_published_schema_is_that_of_the_types():
    published = (ROOT / "docs" / "matinee.schema.json").read_text(encoding="utf-8")
    assert published == schema.text(), "renew it: matinee schema > docs/matinee.schema.json"


def test_the_page_of_every_key_is_that_of_the_types():
    published = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert published == reference.page(), "renew it: matinee schema --markdown > docs/reference.md"


def test_the_schema_is_one():
    Draft202012Validator.check_schema(schema.document())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n")[1])
def test_every_example_of_the_guide_is_a_spec(example):
    found = read(example.encode())
    assert isinstance(found, Spec), str(found)
    assert not [error.message for error in VALIDATOR.iter_errors(loaded(example))]


def test_the_guide_shows_every_key():
    shown = set(re.findall(r"[{ ,`]([a-z_]+)(?::|`)", (ROOT / "docs" / "spec.md").read_text()))
    keys = {key for kind in schema.document()["$defs"].values() for key in kind.get("properties", {})}
    assert keys - shown == set()


@pytest.mark.parametrize("file", VALID, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_the_schema_accepts_what_the_reader_accepts(file):
    assert isinstance(read(file.read_bytes()), Spec)
    assert not [error.message for error in VALIDATOR.iter_errors(loaded(file.read_text()))]


@pytest.mark.parametrize(
    "file",
    [SPECS / "bad" / f"{name}.yaml" for name in ("keys", "types", "values", "choices", "empties", "lists", "forms")],
    ids=lambda file: file.stem,
)
def test_the_schema_refuses_wrong_keys_and_values_too(file):
    assert list(VALIDATOR.iter_errors(loaded(file.read_text())))


NAMED = {"services", "jobs", "tasks", "variables", "files", "volumes", "declare", "contexts", "secrets", "on"}
EVERYTHING = (SPECS / "good" / "everything.yaml").read_text()


KEYS = sorted({key for kind in schema.document()["$defs"].values() for key in kind.get("properties", {})})
VALUES = [
    None,
    True,
    0,
    1,
    1.5,
    "",
    "a",
    "/a",
    "5s",
    "1Gi",
    "${git.sha}",
    "once",
    [],
    ["a"],
    {},
    {"A": "b"},
    {"image": "a"},
]


def spots(value, path=()):
    """The path of every mapping."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from spots(inner, (*path, key))


@pytest.mark.parametrize(
    "path", [path for path in spots(loaded(EVERYTHING)) if not (path and path[-1] in {*NAMED, "args"})], ids=".".join
)
def test_the_schema_refuses_an_unknown_key_wherever_it_stands(path):
    document = loaded(EVERYTHING)
    at = document
    for key in path:
        at = at[key]
    at["unheard_of"] = "x"
    assert list(VALIDATOR.iter_errors(document))


@given(KEY, st.none() | st.integers() | st.text() | st.lists(st.text(), max_size=1))
def test_what_the_schema_refuses_of_a_service_the_reader_refuses_too(key, value):
    document = {**SMALLEST, "services": {"web": {"image": "nginx", key: value}}}
    if list(VALIDATOR.iter_errors(document)):
        assert not isinstance(read(json.dumps(document).encode()), Spec)


@settings(max_examples=60)
@given(st.data())
def test_whatever_the_reader_accepts_the_schema_accepts(data):
    document = loaded(EVERYTHING)
    *above, last = data.draw(st.sampled_from([path for path in spots(document) if path]))
    parent = document
    for key in above:
        parent = parent[key]
    parent[data.draw(st.sampled_from([last, *KEYS]))] = data.draw(st.sampled_from(VALUES))
    if isinstance(read(json.dumps(document).encode()), Spec):
        assert not [error.message for error in VALIDATOR.iter_errors(document)]


@pytest.mark.parametrize(
    "service",
    [
        {},
        {"image": "a", "build": {}},
        {"image": "a", "public": True},
        {"image": "a", "health": {}},
        {"image": "a", "health": {"tcp": 1, "http": "/"}},
        {"image": "a", "port": None},
        {"image": "a", "variables": {"1A": "x"}},
        {"image": "a", "tasks": {"Side": {"image": "a"}}},
    ],
    ids=repr,
)
def test_the_schema_knows_what_an_editor_can_be_told(service):
    assert list(VALIDATOR.iter_errors({"version": 1, "services": {"web": service}}))


def test_every_key_has_a_meaning_and_every_pattern_its_words():
    page = reference.page()
    for kind in schema.document()["$defs"].values():
        for key, each in kind.get("properties", {}).items():
            assert each["description"].endswith("."), key
            assert f"| `{key}` |" in page


def test_the_page_names_every_place_of_every_kind():
    page = reference.page()
    for path in ("services.NAME.tasks.NAME.build", "jobs.NAME.on.EVENT", "jobs.NAME.outputs.declare.NAME", "preview"):
        assert f"`{path}`" in page
    assert set(re.findall(r"\]\(#([a-z]+)\)", page)) <= {
        line[3:].lower() for line in page.splitlines() if line[:3] == "## "
    }
