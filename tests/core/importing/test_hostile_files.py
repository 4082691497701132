"""No file raises, none takes long, and none loses anything in silence."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.core.composing.variables import fill
from bot.core.importing import compose, hcl_source, heroku, nomad, qovery, yaml_source
from bot.core.importing.commented import written
from bot.core.importing.draft import Imported, Unimportable
from bot.core.reading.mistakes import Mistake
from bot.core.reading.spec import read
from bot.core.reading.yaml_events import LIMIT
from tests.core.importing.golden import FILES, READERS

of_each = pytest.mark.parametrize("system", READERS)
TEXTS = [path.read_bytes() for path in FILES if path.is_file()]
PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"'",
    b":",
    b"=",
    b"${",
    b"$$",
    b"\n",
    b" ",
    b"\0",
    b"\xff",
    b"<<EOT\n",
    b"*a",
    b"&a ",
    b"<<: ",
]


def judged(system: str, file: bytes) -> Imported | Unimportable:
    made = READERS[system](file)
    if isinstance(made, Imported):
        assert read(made.text.encode()) == made.spec
    else:
        assert made.why
        assert made.line >= 1
    return made


@of_each
@given(file=st.binary(max_size=200))
def test_no_bytes_raise(system, file):
    judged(system, file)


@of_each
@given(
    file=st.lists(st.sampled_from(PIECES) | st.sampled_from([b"services", b"image", b"job", b"a", b"1"]), max_size=30)
)
def test_no_pieces_of_files_raise(system, file):
    judged(system, b"".join(file))


@of_each
@given(text=st.sampled_from(TEXTS), at=st.integers(0, 2000), cut=st.integers(0, 60), put=st.sampled_from(PIECES))
def test_no_damaged_file_raises(system, text, at, cut, put):
    judged(system, text[:at] + put + text[at + cut :])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
JSONS = [json.loads(path.read_bytes()) for path in FILES if path.suffix == ".json"]
YAMLS = [YAML(typ="safe").load(path.read_bytes()) for path in FILES if path.suffix == ".yaml"]


def places(value, path=()):
    """Every place in a document."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


def replaced(value, path, other):
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], other)
    return copy


@given(data=st.data(), other=VALUES)
def test_no_value_of_another_type_raises(data, other):
    document = data.draw(st.sampled_from([*JSONS, *YAMLS]))
    path = data.draw(st.sampled_from(list(places(document))))
    file = json.dumps(replaced(document, path, other)).encode()
    for system in ("compose", "qovery", "heroku"):
        judged(system, file)


NAMES_OF_ITS_OWN = ("networks", "labels", "x-app", "secrets", "configs", "volumes")
"""What stands under these at the top is used by name only, or is nothing by itself."""


@given(data=st.data())
def test_a_key_that_nobody_knows_is_listed_wherever_it_stands_in_a_compose_file(data):
    document = data.draw(st.sampled_from(YAMLS))
    tables = [(), *(path for path in places(document) if path[0] not in NAMES_OF_ITS_OWN)]
    path = data.draw(st.sampled_from([path for path in tables if isinstance(at(document, path), dict)]))
    made = judged("compose", json.dumps(replaced(document, path, {**at(document, path), "zz?": "1"})).encode())
    listed = {each.path for each in made.left_out}
    assert any("zz?" in each for each in listed) or any(dotted(each, path) for each in listed), (path, listed)


def at(value, path):
    for key in path:
        value = value[key]
    return value


def dotted(listed: str, path) -> bool:
    """Whether what is listed is the place itself or one above it."""
    whole = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    return whole == listed or whole.startswith((f"{listed}.", f"{listed}["))


def test_anchors_in_anchors_in_anchors_are_refused_before_they_are_written_out():
    laughs = ["x0: &x0 [a, a, a, a, a, a, a, a, a]"]
    laughs += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 30)]
    made = compose.read("\n".join(laughs).encode())
    assert isinstance(made, Unimportable)
    assert "more than 20,000 values, aliases written out, are refused" in made.why


def test_anchors_that_nest_deeper_and_deeper_are_refused():
    deep = ["x0: &x0 [a]", *(f"x{n}: &x{n} [*x{n - 1}]" for n in range(1, 200))]
    made = compose.read("\n".join(deep).encode())
    assert isinstance(made, Unimportable)
    assert "nested more than 32 deep" in made.why


def test_an_anchor_inside_itself_is_none():
    made = compose.read(b"services: &a\n  web: *a\n")
    assert isinstance(made, Unimportable)
    assert made.told("c.yaml") == "c.yaml:2:8: there is no anchor &a above"


@pytest.mark.parametrize("opening", [b"[", b"{a: ", b"- "])
def test_a_compose_file_that_is_nested_without_end_is_refused(opening):
    assert isinstance(yaml_source.parse(opening * 5000), Mistake)


@pytest.mark.parametrize("opening", [b"[", b"(", b"{", b"a {\n", b'"${', b"!", b"-", b"a ? b : "])
def test_hcl_that_is_nested_without_end_is_refused(opening):
    assert isinstance(hcl_source.parse(b"a = " + opening * 4000), Mistake)


def test_a_chain_of_operators_without_end_is_one_expression():
    tree = hcl_source.parse(b"a = 1" + b" + 1" * 5000)
    assert not isinstance(tree, Mistake)


@of_each
def test_a_file_over_its_limit_is_refused(system):
    made = judged(system, b" " * (LIMIT + 1))
    assert isinstance(made, Unimportable)
    assert "over 256 KiB" in made.why


VARIABLES = st.dictionaries(st.from_regex(r"\A[A-Z_][A-Z0-9_]{0,6}\Z"), st.text(max_size=40), min_size=1, max_size=4)


@given(values=VARIABLES)
@example(
    values={"A": "a\n b\n", "B": " a\nb", "C": "a\n\nb", "D": "a\n\n", "E": "- x", "F": "#", "G": "a: b", "H": "~"}
)
@example(
    values={"A": "on", "B": "NO", "C": "0x1", "D": "1e3", "E": "\x85\u2028\ufeff", "F": "a\tb\n\tc\n", "G": "\x7f"}
)
def test_what_is_written_is_read_as_it_was(values):
    kept = {name: value.replace("\0", "").replace("$", "") for name, value in values.items()}
    document = {"version": 1, "variables": kept, "services": {"web": {"image": "a", "variables": kept}}}
    spec = read(written(document, {("services", "web", "image"): "a remark"}).encode())
    assert getattr(spec, "variables", spec) == kept
    assert spec.services["web"].variables == kept


@given(text=st.text(max_size=30))
def test_a_literal_text_of_another_system_stays_what_it_is(text):
    text = text.replace("\0", "")
    made = heroku.read(json.dumps({"env": {"A": text}}).encode())
    assert fill(made.spec.variables["A"], {}, secrets=True) == text


def test_what_has_no_service_at_all_says_so_and_lists_what_it_saw():
    made = nomad.read(b'job "x" {\n  type = "batch"\n  periodic { cron = "@daily" }\n}\n')
    assert isinstance(made, Unimportable)
    assert made.why == "nothing in it can be a service or a job"
    assert [each.line for each in made.left_out] == [3]


def test_no_secret_value_of_qovery_is_copied():
    file = b'{"name": "a", "image_name": "a/b", "tag": "1", "secrets": [{"key": "TOKEN", "value": "hunter2hunter2"}]}'
    made = qovery.read(file)
    assert "hunter2" not in made.text + "".join(each.told("f") for each in made.left_out)
