"""Compose files that name others: none raises, none goes on without end, and no secret is written."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.importing import compose
from bot.core.importing.beside import Unread
from bot.core.importing.draft import Imported, Unimportable
from bot.core.reading.spec import read
from tests.core.importing.golden import FILES, imported
from tests.core.importing.test_hostile_files import VALUES

FOLDERS = [path for path in FILES if path.is_dir()]
PARTS = {
    path: {str(each.relative_to(path)): each.read_bytes() for each in path.rglob("*") if each.is_file()}
    for path in FOLDERS
}


def of_project(files: dict[str, bytes], *over: str) -> Imported | Unimportable:
    def reader(path: str) -> bytes | Unread:
        return files.get(path, Unread(f"{path} is not there", absent=True))

    made = compose.read(files["compose.yaml"], over={name: files[name] for name in over}, reader=reader)
    if isinstance(made, Imported):
        assert read(made.text.encode()) == made.spec
    assert isinstance(made, Imported) or (made.why and made.line >= 1)
    return made


@settings(max_examples=40)
@given(folder=st.sampled_from(FOLDERS), data=st.data(), at=st.integers(0, 800), put=st.binary(max_size=4))
def test_no_damaged_file_of_a_project_raises(folder, data, at, put):
    name = data.draw(st.sampled_from(sorted(PARTS[folder])))
    text = PARTS[folder][name]
    damaged = {**PARTS[folder], name: text[:at] + put + text[at + data.draw(st.integers(0, 40)) :]}
    of_project(damaged, *sorted(each for each in damaged if each.startswith("compose.") and each != "compose.yaml"))


CHAIN = f"services: {{{', '.join(f'a{n}: {{extends: a{n + 1}}}' for n in range(40))}, a40: {{}}}}"


@given(first=VALUES, other=VALUES)
def test_no_two_values_of_other_types_raise_over_one_another(first, other):
    keys = ("build", "environment", "ports", "depends_on", "env_file", "extends", "healthcheck")
    files = {
        name: json.dumps({"services": {"a": dict.fromkeys(keys, each)}, "include": each}).encode()
        for name, each in {"compose.yaml": first, "o.yaml": other}.items()
    }
    of_project(files, "o.yaml")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"compose.yaml": "services: {a: {extends: b}, b: {extends: a}}"}, "compose.yaml:1:16: it extends itself"),
        (
            {
                "compose.yaml": "services:\n  a:\n    extends: {file: x/b.yaml, service: a}",
                "x/b.yaml": "services:\n  a:\n\n    extends: {file: ../compose.yaml, service: a}",
            },
            "compose.yaml:3:5: it extends itself: a in compose.yaml → a in x/b.yaml → a in compose.yaml",
        ),
        (
            {"compose.yaml": "include: [a.yaml]", "a.yaml": "include:\n  - compose.yaml"},
            "a.yaml:2:5: it includes itself: compose.yaml → a.yaml → compose.yaml",
        ),
        (
            {"compose.yaml": "services: {a: {extends: {file: b.yaml, service: a}}}", "b.yaml": "a:\n\tb"},
            "b.yaml:2:1: a tab cannot indent",
        ),
        (
            {
                "compose.yaml": "services: {a: {environment: {A: 1}, ports: ['1']}}",
                "o.yaml": "services:\n  a:\n    ports: {a: b}",
            },
            "o.yaml:3:12: this is of another kind than what it goes over, at line 1 of the first file",
        ),
        (
            {"compose.yaml": CHAIN},
            "more than 16 services that extend one another are refused",
        ),
        (
            {f"{'compose' if n == 0 else n}.yaml": f"include: [{n + 1}.yaml]" for n in range(30)},
            "more than 8 files that include one another are refused",
        ),
    ],
    ids=["one file", "two files", "include", "broken", "other kind", "long chain", "deep"],
)
def test_what_compose_itself_refuses_is_refused_with_its_file_and_line(files, told):
    made = of_project({name: text.encode() for name, text in files.items()}, *(["o.yaml"] if "o.yaml" in files else []))
    assert isinstance(made, Unimportable)
    assert told in made.told("compose.yaml")


def test_variables_that_double_each_other_are_refused_before_they_are_written_out():
    laughs = ["A0=aaaaaaaaaa", *(f"A{n}=$A{n - 1}$A{n - 1}" for n in range(1, 60))]
    files = {"compose.yaml": b"services: {a: {image: a, env_file: a.env}}", "a.env": "\n".join(laughs).encode()}
    made = of_project(files)
    assert isinstance(made, Unimportable)
    assert made.told("compose.yaml").startswith("a.env:")
    assert made.why == "written out, it is over 2 MiB"


def test_files_without_end_are_not_all_read():
    names = [f"{number}.env" for number in range(90)]
    compose_file = f"services: {{a: {{image: a, env_file: [{', '.join(names)}]}}}}".encode()
    made = of_project({"compose.yaml": compose_file, **dict.fromkeys(names, b"A=1")})
    assert isinstance(made, Imported)
    assert sum("more than 64 files" in each.why for each in made.left_out) >= 26


def test_braces_that_nobody_closes_take_no_time():
    of_project({"compose.yaml": b"services: {a: {image: a, environment: {A: '" + b"${A:-" * 8_000 + b"'}}}"})


def test_more_compose_files_than_anybody_has_are_refused():
    parts = {f"{number}.yaml": b"#" * 200_000 + b"\nservices: {}" for number in range(4)}
    made = of_project({"compose.yaml": f"include: [{', '.join(parts)}]".encode(), **parts})
    assert isinstance(made, Unimportable)
    assert made.told("compose.yaml") == "2.yaml:1:1: more than 512 KiB of compose files are refused"


def test_variables_of_a_file_that_many_services_have_are_counted_for_each():
    services = ", ".join(f"s{number}: {{image: a, env_file: a.env}}" for number in range(60))
    variables = "\n".join(f"A{number}=1" for number in range(100))
    made = of_project({"compose.yaml": f"services: {{{services}}}".encode(), "a.env": variables.encode()})
    assert isinstance(made, Unimportable)
    assert made.why == "more than 5,000 variables of files are refused"


HIDDEN = st.text("abcdefghkmnpqrstuvwxyz23456789", min_size=9, max_size=16).map(lambda text: f"{text}Q7z")
SAID = st.sampled_from(
    [
        "{name}_PASSWORD={value}",
        "export {name}_TOKEN='{value}'",
        '{name}_API_KEY: "{value}" # comment',
        "{name}_URL=postgres://app:{value}@db/app",
        "{name}_URL=https://app:{value}/tail@db",
        "{name}_URL=https://{value}{value}@sentry.example/1",
        "{name}_SECRET=${{UNKNOWN:-{value}}}",
        "{name}=x-${{DB_PASSWORD:-{value}}}-${{MODE:-dev}}",
        "{name}_DSN=host=db password={value} user=app",
        "FIRST_SECRET={value}\n{name}=before-$FIRST_SECRET-after",
        "FIRST_PASSWORD={value}\n{name}=before-{value}-after",
        "OTHER={name}\n{name}_PASS={value}\nOPTIONS=--login=app:{value}",
    ]
)


@given(value=HIDDEN, said=SAID, name=st.sampled_from(["A", "APP", "B_C"]), asked=st.sampled_from([".env", "a.env"]))
def test_no_secret_comes_out_however_it_is_written(value, said, name, asked):
    text = said.format(name=name, value=value)
    used = "".join(f", {each}: '${{{each}}}'" for each in (name, f"{name}_URL", f"{name}_PASSWORD", "OPTIONS"))
    service = f"{{image: 'a:1', env_file: a.env, environment: {{X: 1{used}}}, command: '${{{name}}}'}}"
    made = of_project({"compose.yaml": f"services: {{a: {service}}}".encode(), asked: text.encode()})
    assert isinstance(made, Imported), made
    assert value not in made.text + "".join(each.told("compose.yaml") for each in made.left_out)


SECRETS = ("s3cret-of-db", "sk_live_0123456789abcdef", "only-here-0", "r00t-of-all", "django-insecure", "raw-$tok3n")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_secret_of_an_environment_file_is_written_or_told(folder):
    made = imported(folder)
    said = made.text + "".join(each.told("f") for each in made.left_out)
    assert not [secret for secret in (*SECRETS, "s3cret-shop", "app-0123", "MIIEow", "correct-horse") if secret in said]
