import json
from base64 import b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.composing.outputs import LARGEST_FILE, LARGEST_VALUE, nth, read
from bot.core.group import Unfit
from bot.core.model import Declared
from bot.core.standing import Variable

MARKER = "MARKER"
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ODD = st.recursive(
    st.floats() | st.text(st.characters()) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def values(file):
    return {each.name: each.value for each in read(file.encode(), declared={}, secrets=())}


def why(file, **given):
    found = read(file if isinstance(file, bytes) else file.encode(), declared={}, secrets=(), **given)
    assert isinstance(found, Unfit), found
    return found.why


def test_every_field_of_an_output_is_read():
    file = (
        b'{"URL": {"value": "http://x", "sensitive": true, "description": "where", "type": ["string"], "more": null}}'
    )
    assert read(file, declared={}, secrets=()) == (
        Variable(name="URL", value="http://x", sensitive=True, description="where"),
    )


def test_terraform_output_works_as_it_is():
    file = """{
      "db_host": {"sensitive": false, "type": "string", "value": "db.internal"},
      "ports": {"sensitive": false, "type": ["list", "number"], "value": [80, 443]},
      "tags": {"sensitive": false, "type": ["object", {"env": "string"}], "value": {"env": "p r"}}
    }"""
    assert values(file) == {"db_host": "db.internal", "ports": "[80,443]", "tags": '{"env":"p r"}'}


@pytest.mark.parametrize("file", [b"", b" \n\t ", b"{}", b"\xef\xbb\xbf", b"\xef\xbb\xbf{}"])
def test_an_empty_file_has_no_outputs(file):
    assert read(file, declared={}, secrets=()) == ()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"text"', "text"),
        ('""', ""),
        ('"a\\u00e9\\n\\"b\\""', 'aé\n"b"'),
        ("true", "true"),
        ("null", "null"),
        ("1.10", "1.10"),
        ("1e400", "1e400"),
        ("9" * 6000, "9" * 6000),
        ("-0", "-0"),
        ('[1, "é", {"a": [ ]}]', '[1,"é",{"a":[]}]'),
    ],
    ids=lambda text: text[:20],
)
def test_a_value_that_is_no_string_stays_json_as_written(written, value):
    assert values(f'{{"A": {{"value": {written}}}}}') == {"A": value}


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True), JSON, max_size=5))
def test_what_json_writes_is_read_back(found):
    file = json.dumps({name: {"value": value} for name, value in found.items()}).encode()
    read_back = read(file, declared={}, secrets=())
    assert [each.name for each in read_back] == list(found)
    for each, value in zip(read_back, found.values(), strict=True):
        assert (each.value if isinstance(value, str) else json.loads(each.value)) == value


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("[]", "no JSON object"),
        ('"MARKER"', "no JSON object"),
        ("NaN", "no JSON object"),
        ("MARKER", "is no JSON, at line 1, column 1"),
        ('{"A": {"value": "MARKER"}', "is no JSON, at line 1, column"),
        ('{"A":\n  {"value": MARKER}}', "is no JSON, at line 2, column 13"),
        ('{"A": {"value": "MARKER\\q"}}', "is no JSON, at line 1"),
        ('{"A": {"value": "MARKER\nX"}}', "is no JSON, at line 1"),
        ('{"A": {"value": "x"}} MARKER', "is no JSON, at line 1, column 23"),
        (b'{"A":\n"MARKER\xff"}', "not UTF-8, at line 2"),
        ("{}".encode("utf-16"), "not UTF-8"),
        ('{"A": "MARKER"}', "1st key without an object"),
        ('{"A": {"value": 1}, "MARKER": {}}', '2nd key without "value"'),
        ('{"A": {"value": 1}, "MARKER": {"val": 1}}', '2nd key without "value"'),
        ('{"A": {"value": 1}, "A": {"value": "MARKER"}}', "gives its 1st key again as its 2nd"),
        ('{"A": {"value": 1, "value": "MARKER"}}', "twice in the 1st key's object"),
        ('{"A": {"value": {"MARKER": 1, "MARKER": 2}}}', "twice in the 1st key's value"),
        ('{"MARKER-X": {"value": 1}}', "1st key that is no variable name"),
        ('{"": {"value": 1}}', "1st key that is no variable name"),
        ('{"1A": {"value": 1}}', "no variable name"),
        ('{"A\\n": {"value": 1}}', "no variable name"),
        ('{"É": {"value": 1}}', "no variable name"),
        (f'{{"{"A" * 256}": {{"value": 1}}}}', "no variable name"),
        ('{"A": {"value": NaN}}', "NaN or Infinity in the 1st key's value"),
        ('{"A": {"value": [-Infinity, "MARKER"]}}', "NaN or Infinity in the 1st key's value"),
        ('{"A": {"value": "MARKER\\ud800"}}', "surrogate pair in the 1st key's value"),
        ('{"A": {"value": "MARKER\\u0000"}}', "NUL in the 1st key's value"),
        ('{"A": {"value": "x", "description": "MARKER\\u0000"}}', "NUL in the 1st key's description"),
        ('{"A": {"value": "x", "sensitive": "MARKER"}}', "neither true nor false"),
        ('{"A": {"value": ' + "[" * 19 + "]" * 19 + "}}", "more than 20 deep"),
        ("[" * 100_000, "more than 20 deep"),
        ('{"A": {"value": "' + "é" * (LARGEST_VALUE // 2 + 1) + '"}}', "more than 120 KiB in the 1st key's value"),
        (b" " * (LARGEST_FILE + 1), "over 1 MiB"),
        (json.dumps({f"MARKER{number}": {"value": 1} for number in range(1001)}), "has 1001 keys; 1000 are allowed"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_output_file_is_refused_with_a_reason_and_none_of_its_content(file, said):
    assert said in why(file)
    assert MARKER not in why(file)


def test_the_limits_themselves_are_allowed():
    deep = '{"A": {"value": ' + "[" * 18 + "]" * 18 + "}}"
    assert values(deep) == {"A": "[" * 18 + "]" * 18}
    assert len(values(json.dumps({f"K{number}": {"value": 1} for number in range(1000)}))) == 1000
    assert len(values('{"A": {"value": "' + "x" * LARGEST_VALUE + '"}}')["A"]) == LARGEST_VALUE


def test_brackets_inside_strings_are_no_depth():
    assert values('{"A": {"value": "' + "[{" * 50 + '\\"[["}}') == {"A": "[{" * 50 + '"[['}


def test_a_name_that_would_steer_a_program_is_harmless_under_its_long_name():
    assert values('{"PATH": {"value": "/tmp"}, "LD_PRELOAD": {"value": "x"}}') == {"PATH": "/tmp", "LD_PRELOAD": "x"}


@pytest.mark.parametrize("shape", ["{secret}", "postgres://app:{secret}@db", "{base64}"])
def test_a_value_that_contains_a_known_secret_is_sensitive(shape):
    secret = "hunter2 of old"
    value = shape.format(secret=secret, base64=b64encode(b"app:" + secret.encode()).decode())
    (found,) = read(json.dumps({"A": {"value": value}}).encode(), declared={}, secrets=(secret,))
    assert found.sensitive


def test_a_value_that_contains_a_sensitive_output_of_the_same_file_is_sensitive():
    file = {
        "URL": {"value": "x:hunter2@db"},
        "PASSWORD": {"value": "hunter2", "sensitive": True},
        "OTHER": {"value": "x"},
    }
    found = read(json.dumps(file).encode(), declared={}, secrets=())
    assert [each.sensitive for each in found] == [True, True, False]


@pytest.mark.parametrize(("in_file", "declared"), [(True, False), (False, True), (True, True)])
def test_the_file_or_the_spec_makes_an_output_sensitive(in_file, declared):
    file = json.dumps({"A": {"value": "x", "sensitive": in_file}}).encode()
    (found,) = read(file, declared={"A": Declared(sensitive=declared)}, secrets=())
    assert found.sensitive


@given(st.binary())
@example(b'{"A": {"value": "\\')
@example(b'"' + b'\\"' * 200_000)
@example(b'{"A":' * 150_000)
def test_no_bytes_crash_the_reader(file):
    read(file, declared={}, secrets=())


@given(ODD)
def test_no_json_crashes_the_reader(found):
    read(json.dumps(found).encode(), declared={}, secrets=("true", "null"))
    read(
        json.dumps({"A": {"value": found, "sensitive": found, "description": found}}).encode(), declared={}, secrets=()
    )


@pytest.mark.parametrize(
    ("number", "word"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (112, "112th"), (21, "21st")]
)
def test_keys_are_counted_in_words(number, word):
    assert nth(number) == word
