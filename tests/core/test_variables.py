import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.composing.variables import Broken, Known, Reference, Unfilled, fill, job_references, references
from bot.core.model import Health, Job, JobEvent, Service, Trigger

KNOWN = {
    "git.sha": Known("3f2c1aa"),
    "services.db.host": Known("db"),
    "jobs.seed.outputs.KEY": Known("hunter2-secret", secret=True),
    "jobs.seed.outputs.TEXT": Known("${git.sha} $$ ${nothing.there} ${"),
}
NAMES = st.from_regex(r"[a-z]{1,5}(\.[a-z0-9_][a-z0-9_-]{0,4}){1,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("plain", "plain"),
        ("${git.sha}", "3f2c1aa"),
        ("postgres://${services.db.host}:5432/${git.sha}", "postgres://db:5432/3f2c1aa"),
        ("5 $ and $HOME and $(date) and $", "5 $ and $HOME and $(date) and $"),
        ("$$", "$"),
        ("$${git.sha}", "${git.sha}"),
        ("$$${git.sha}", "$3f2c1aa"),
        ("$$$$", "$$"),
        ("{git.sha} }{", "{git.sha} }{"),
        ("$\n${git.sha}", "$\n3f2c1aa"),
    ],
)
def test_references_become_values_and_everything_else_stays(text, filled):
    assert fill(text, KNOWN, secrets=False) == filled


def test_a_value_is_never_expanded_again():
    assert fill("${jobs.seed.outputs.TEXT}", KNOWN, secrets=False) == KNOWN["jobs.seed.outputs.TEXT"].value


@given(st.text(), st.text(), st.text())
def test_whatever_a_value_holds_it_arrives_as_it_is(before, value, after):
    known = {"git.sha": Known(value)}
    text = before.replace("$", "$$") + "${git.sha}" + after.replace("$", "$$")
    assert fill(text, known, secrets=False) == before + value + after


def test_an_unknown_name_is_an_error_that_lists_the_known_ones():
    unfilled = fill("${git.shaa}", KNOWN, secrets=True)
    assert isinstance(unfilled, Unfilled)
    assert "${git.shaa} is not known" in unfilled.why
    assert "did you mean git.sha?" in unfilled.why
    assert all(name in unfilled.why for name in KNOWN)


def test_the_list_of_known_names_is_bounded():
    known = {f"variables.V{number}": Known("") for number in range(5000)}
    unfilled = fill("${variables.V}", known, secrets=True)
    assert isinstance(unfilled, Unfilled)
    assert "and 4980 more" in unfilled.why
    assert len(unfilled.why) < 1000


def test_a_secret_fills_a_place_that_may_hold_one():
    assert fill("key=${jobs.seed.outputs.KEY}", KNOWN, secrets=True) == "key=hunter2-secret"


def test_a_secret_elsewhere_is_refused_with_the_way_to_do_it_and_without_its_value():
    unfilled = fill("key=${jobs.seed.outputs.KEY}", KNOWN, secrets=False)
    assert isinstance(unfilled, Unfilled)
    assert "process lists" in unfilled.why
    assert "put it into variables" in unfilled.why
    assert "hunter2" not in unfilled.why


@pytest.mark.parametrize(
    "text", ["${", "a ${git.sha", "${}", "${HOME}", "${HOME:-/root}", "${git.}", "${.sha}", "${a b.c}", "${git.sha\n}"]
)
def test_what_only_looks_like_a_reference_is_an_error_at_its_place(text):
    (broken,) = references(text)
    assert isinstance(broken, Broken)
    assert broken.at == text.index("$")
    assert fill(text, KNOWN, secrets=True) == Unfilled(broken.why)


def test_references_are_found_in_their_order_with_their_places():
    assert references("$${no.no} ${git.sha} $ ${services.db.port}") == (
        Reference(name="git.sha", at=10),
        Reference(name="services.db.port", at=23),
    )


@given(st.text(st.sampled_from("${}.ab$ \n")), st.booleans())
def test_no_text_crashes_the_filling_and_all_that_is_found_decides(text, secrets):
    found = references(text)
    known = {part.name: Known("x") for part in found if isinstance(part, Reference)}
    filled = fill(text, known, secrets=secrets)
    assert isinstance(filled, Unfilled) == any(isinstance(part, Broken) for part in found)


@given(st.lists(NAMES, max_size=5), NAMES)
def test_a_text_fills_exactly_when_all_its_names_are_known(names, left_out):
    text = " ".join(f"${{{name}}}" for name in names)
    known = {name: Known(name) for name in names if name != left_out}
    filled = fill(text, known, secrets=False)
    assert isinstance(filled, Unfilled) == (left_out in names)


def test_a_service_waits_for_the_jobs_that_its_texts_name():
    service = Service(
        image="i",
        port=80,
        entrypoint=("${jobs.a.outputs.X}",),
        args=("${jobs.b.outputs.X} ${git.sha}",),
        variables={"C": "${jobs.c.outputs.X}", "D": "$${jobs.no.outputs.X}", "E": "${jobs.short.X}"},
        health=Health(http="/${jobs.d.outputs.X}"),
    )
    assert job_references(service) == {"a", "b", "c", "d"}


def test_a_job_waits_for_the_jobs_that_any_of_its_events_names():
    job = Job(
        image="i",
        variables={"A": "${jobs.a.outputs.X}"},
        on={
            JobEvent.DEPLOY: Trigger(args=("${jobs.b.outputs.X}",)),
            JobEvent.DELETE: Trigger(entrypoint=("${jobs.c.outputs.X}",)),
        },
    )
    assert job_references(job) == {"a", "b", "c"}


def test_a_known_value_is_printed_nowhere():
    assert "hunter2" not in repr(KNOWN["jobs.seed.outputs.KEY"])
