import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.model import JobEvent, Service, Spec, Value
from bot.core.reading.mistakes import MOST
from bot.core.reading.spec import LIMIT, Unreadable, read

SPECS = Path(__file__).parent / "specs"
GOOD = sorted((SPECS / "good").glob("*.yaml"))
BAD = sorted((SPECS / "bad").glob("*.yaml"))
EVERYTHING = (SPECS / "good" / "everything.yaml").read_bytes()
WORDS = [
    "version",
    "services",
    "jobs",
    "web",
    "variables",
    "on",
    "deploy",
    "needs",
    "image",
    "1",
    "~",
    "true",
    "<<",
    "&a",
    "*a",
    "!t",
    "${a.b}",
]
TREES = st.recursive(
    st.sampled_from(WORDS) | st.text(max_size=6).map(repr),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4).map(
            lambda fields: "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"
        )
    ),
    max_leaves=20,
)


def spec_of(text):
    found = read(text.encode())
    assert isinstance(found, Spec), str(found)
    return found


def problems_of(text):
    found = read(text if isinstance(text, bytes) else text.encode())
    assert isinstance(found, Unreadable), found
    return found.problems


def messages(text):
    return "\n".join(problem.message for problem in problems_of(text))


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_a_good_file_is_a_spec(file):
    assert isinstance(read(file.read_bytes()), Spec), str(read(file.read_bytes()))


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_bad_file_has_exactly_the_problems_beside_it(file):
    found = read(file.read_bytes(), file=file.name)
    assert isinstance(found, Unreadable)
    assert str(found).splitlines() == file.with_suffix(".problems").read_text().splitlines()


def test_the_values_of_a_good_file_arrive_as_they_were_written():
    spec = read(EVERYTHING)
    assert isinstance(spec, Spec)
    assert spec.name == "Corner Shop 2.0"
    assert spec.services["web"].build.args["COMMIT"] == "${git.sha}"
    assert spec.services["web"].variables["LINES"].startswith("one ${git.branch}\ntwo ")
    assert spec.services["worker"].entrypoint == ()
    assert spec.services["worker"].user == 1000
    assert set(spec.jobs["seed"].on) == set(JobEvent)
    assert spec.jobs["seed"].outputs.declare["API_KEY"].sensitive


def test_every_key_of_the_model_is_in_the_file_that_shows_everything():
    spec = read(EVERYTHING)
    assert isinstance(spec, Spec)
    left = {(type(value).__name__, key) for value in parts(spec) for key in type(value).model_fields}
    given = {(type(value).__name__, key) for value in parts(spec) for key in value.model_fields_set}
    assert left - given == set()


def parts(value):
    match value:
        case Value():
            yield value
            yield from (part for _, inner in value for part in parts(inner))
        case dict():
            yield from (part for inner in value.values() for part in parts(inner))


def test_json_is_yaml_too():
    assert spec_of('{"version": 1, "services": {"web": {"image": "nginx"}}}').services["web"] == Service(image="nginx")


def test_a_byte_order_mark_is_no_mistake():
    assert isinstance(read(b"\xef\xbb\xbfversion: 1\nservices: {web: {image: nginx}}\n"), Spec)


def test_windows_line_ends_are_no_mistake_and_do_not_shift_lines():
    assert isinstance(read(EVERYTHING.replace(b"\n", b"\r\n")), Spec)
    (problem,) = problems_of("version: 1\r\nservices:\r\n  web: {image: nginx, port: 0}\r\n")
    assert (problem.line, problem.column) == (3, 29)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "the file is empty"),
        (b"# only a comment\n", "the file is empty"),
        (b"---\n...\n", "a mapping is wanted"),
        (b"- version: 1\n", "a mapping is wanted"),
        (b"version 1\n", "a mapping is wanted"),
        (b"version: 1\n", "there is nothing to deploy"),
        (b"version: 1\n---\nversion: 1\n", "a second document begins here"),
        (b"version: 1\nname: a\x00b\n", "U+0000 is not allowed"),
        (b"version: 1\nname: \xff\n", "is not UTF-8"),
        ("version: 1".encode("utf-16"), "is not UTF-8"),
        (b"#" * (LIMIT + 1), "over 256 KiB"),
        (b"%YAML 1.1\n---\nversion: 1\n", "%YAML and %TAG lines are refused"),
        (b"version: 1\nservices:\n\tweb: {}\n", "a tab cannot indent"),
        (b"name: a: b\n", "a second `: ` stands in this value"),
        (b"name: 'open\n", "never closed"),
        (b"? [a]\n: b\n", "a key is a text"),
        (b"a: &a b\n*a : c\n", "a key is a text"),
        (b"a: " + b"[" * 200_000, "more than 16 deep"),
        (b"a: " + b"{a: " * 60_000, "more than 16 deep"),
        (b"- " * 100_000, "more than 16 deep"),
        (b"a: [" + b"a," * 100_000, "more than 20,000 values"),
        (b"version: 1\nvariables: {A: " + b"a" * 123_000 + b"}\n", "over 120 KiB"),
        (b'version: 1\nname: "\\ud800"\n', "surrogate"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_spec_at_all_is_refused_in_words(text, said):
    assert said in messages(text)


def test_numbers_of_any_length_are_judged():
    assert "is no port" in messages(f"version: 1\nservices: {{web: {{image: a, port: {'9' * 10_000}}}}}\n")
    assert "is no port" in messages("version: 1\nservices: {web: {image: a, port: 0x1FFFF}}\n")
    assert "a whole number is wanted" in messages("version: 1\nservices: {web: {image: a, port: 1e999}}\n")


def test_yaml_1_2_takes_on_and_yes_for_words():
    spec = spec_of("version: 1\njobs:\n  seed:\n    image: a\n    on: {deploy: {args: [on, yes, 1:30]}}\n")
    assert spec.jobs["seed"].on[JobEvent.DEPLOY].args == ("on", "yes", "1:30")


def test_a_problem_says_where_what_and_what_is_allowed():
    (problem,) = problems_of("version: 1\nservices:\n  web: {image: nginx, prot: 80}\n")
    assert (problem.path, problem.line, problem.column) == ("services.web.prot", 3, 23)
    assert problem.message == "there is no key prot here; did you mean port?"
    assert "port" in problem.allowed


def test_an_unreadable_file_prints_one_line_for_each_problem():
    found = read(b"version: 1\nservices: {web: {image: nginx, port: 99999}}\n", file="shop.yaml")
    assert str(found) == "shop.yaml:2:38: services.web.port: 99999 is no port; use 1 to 65535"


def test_thirty_different_mistakes_are_thirty_problems_each_at_its_own_place():
    problems = problems_of((SPECS / "bad" / "thirty.yaml").read_bytes())
    assert len(problems) == 30
    assert len({problem.message for problem in problems}) == 30
    assert len({(problem.line, problem.column) for problem in problems}) == 30
    assert all(problem.path for problem in problems)


def test_more_mistakes_than_anybody_reads_are_counted():
    keys = "".join(f"key{number}: 1\n" for number in range(5000))
    problems = problems_of("version: 1\n" + keys)
    assert len(problems) == MOST + 1
    assert problems[-1].message == f"{5000 - MOST} more mistakes follow; mend these first"


def test_thousands_of_unknown_names_among_thousands_take_little_time():
    services = "".join(f"  s{number}: {{image: a, needs: [t{number}]}}\n" for number in range(1000))
    assert "there is no service or job t0" in messages("version: 1\nservices:\n" + services)


def test_a_long_chain_of_needs_is_no_cycle():
    services = "".join(f"  s{number}: {{image: a, needs: [s{number + 1}]}}\n" for number in range(1000))
    spec_of(f"version: 1\nservices:\n{services}  s1000: {{image: a}}\n")


def test_a_long_cycle_is_named_whole():
    services = "".join(f"  s{number}: {{image: a, needs: [s{(number + 1) % 50}]}}\n" for number in range(50))
    assert messages("version: 1\nservices:\n" + services).count(" -> ") == 50


def test_two_cycles_are_two_problems():
    text = "version: 1\nservices:\n"
    for one, other in ("ab", "cd"):
        text += f"  {one}: {{image: i, needs: [{other}]}}\n  {other}: {{image: i, needs: [{one}]}}\n"
    assert [problem.message for problem in problems_of(text)] == [
        "these wait for each other: a -> b -> a",
        "these wait for each other: c -> d -> c",
    ]


def test_waiting_for_all_jobs_makes_no_cycle():
    spec_of(
        "version: 1\nservices: {web: {image: i}, db: {image: i}}\n"
        "jobs: {seed: {image: i, needs: [db], on: {deploy: {}}, variables: {AT: '${services.web.host}'}}}\n"
    )


def test_a_reference_in_a_text_of_many_lines_is_found_in_its_line():
    (problem,) = problems_of(
        "version: 1\nservices:\n  web:\n    image: i\n    variables:\n      A: |\n"
        "        ${git.sha}\n        and ${git.sah}\n        ${git.sha}\n"
    )
    assert (problem.line, problem.column) == (8, 13)


def test_the_second_of_two_equal_references_is_found_at_its_own_place():
    first, second = problems_of("version: 1\nservices: {web: {image: i, args: ['${a.b} ${a.b}']}}\n")
    assert (first.column, second.column) == (36, 43)


def test_each_of_many_equal_references_is_found_at_its_own_place():
    problems = problems_of("version: 1\nservices: {web: {image: i, args: ['${a.b} ${a.b} ${a.b}']}}\n")
    assert [problem.column for problem in problems] == [36, 43, 50]


def test_a_text_of_thousands_of_wrong_references_takes_little_time():
    text = "${a.b} " * 14_000
    assert "is not known" in messages(f"version: 1\nservices: {{web: {{image: i, args: ['{text}']}}}}\n")


def test_thousands_of_files_take_little_time():
    files = ", ".join(f"/etc/{number}: x" for number in range(5000))
    spec_of(f"version: 1\nservices: {{web: {{image: i, files: {{{files}}}}}}}\n")


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(text):
    judge(text)


@given(st.text(st.sampled_from("abc:-[]{}#&*!|>'\"%@`,?~\\ \n\t$.01é\ufeff\x85\u2028"), max_size=60))
def test_no_text_crashes_the_reader(text):
    judge(text.encode())


@given(TREES)
def test_no_tree_crashes_the_reader(tree):
    judge(f"version: 1\nservices: {tree}\njobs: {tree}\nvariables: {tree}\n".encode())


@settings(max_examples=150)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_no_mutation_of_a_good_spec_crashes_the_reader(chance, times):
    lines = EVERYTHING.splitlines(keepends=True)
    for _ in range(times):
        lines = mutated(lines, chance)
    judge(b"".join(lines))


def mutated(lines: list[bytes], chance: random.Random) -> list[bytes]:
    at, other = chance.randrange(len(lines)), chance.choice(lines)
    match chance.randrange(5):
        case 0:
            return lines[:at] + lines[at + 1 :]
        case 1:
            return [*lines[:at], other, *lines[at:]]
        case 2:
            return [
                *lines[:at],
                lines[at].replace(b": ", b": " + chance.choice([b"[", b"&a ", b"5 #", b"!x "]), 1),
                *lines[at + 1 :],
            ]
        case 3:
            return [*lines[:at], lines[at].strip(b" "), *lines[at + 1 :]]
        case _:
            cut = chance.randrange(len(lines[at]) + 1)
            return [*lines[:at], lines[at][:cut] + lines[at][cut + 1 :], *lines[at + 1 :]]


def judge(text: bytes) -> None:
    found = read(text)
    if isinstance(found, Unreadable):
        assert found.problems
        lines = text.count(b"\n") + text.count(b"\r") + text.count("\x85".encode()) + text.count("\u2028".encode()) + 2
        for problem in found.problems:
            assert 1 <= problem.line <= lines
            assert problem.column >= 1
            assert problem.message.encode()
            assert problem.message.isprintable()
            assert problem.path.isprintable()
            assert all(name.isprintable() for name in problem.allowed)
