from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import plugins
from bot.core.errors import Gone
from bot.core.events import Delivery, Event, Forged, Ignored, Malformed, PullKey, Remark, RemarkKind, Sign
from bot.core.names import Url
from bot.core.report import Report, State
from bot.core.telling.checkup import Health
from bot.forges.base import Forge
from tests.world.stage import Stage

STAGES = "tests.world.stages"
DRIVEN = [*(name for name in plugins.choices("forges") if find_spec(f"{STAGES}.{name}")), "github_app"]


@pytest.fixture(params=DRIVEN)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with import_module(f"{STAGES}.{request.param}").stage() as stage:
        yield stage


def report_of(forge: Forge, key: PullKey, state: State = State.RUNNING) -> Report:
    pull = forge.pull(key)
    return Report(key=key, repository=pull.repository, generation=1, state=state, sha=pull.head)


def test_a_pull_is_read_as_it_is_now(stage: Stage) -> None:
    key = stage.open_pull()
    first = stage.forge.pull(key)
    sha = stage.push(key)
    assert first.key == key
    assert first.open
    assert not first.fork
    assert first.head != sha
    assert stage.forge.pull(key).head == sha


def test_whoever_opened_a_pull_has_acted_on_it(stage: Stage) -> None:
    pull = stage.forge.pull(stage.open_pull())
    assert stage.forge.acted(pull, pull.author_id)


def test_a_closed_pull_is_not_open(stage: Stage) -> None:
    key = stage.open_pull()
    stage.close(key)
    assert not stage.forge.pull(key).open


def test_a_pull_that_never_was_is_gone(stage: Stage) -> None:
    key = stage.open_pull()
    with pytest.raises(Gone):
        stage.forge.pull(replace(key, number=99))


def test_the_origin_has_its_credentials_beside_the_url(stage: Stage) -> None:
    origin = stage.forge.origin(stage.forge.pull(stage.open_pull()))
    assert origin.url.startswith(("https://", "http://127.0.0.1", "file:///"))
    assert "@" not in origin.url
    assert origin.header is None or origin.header not in repr(origin)


def test_a_report_is_shown_in_one_comment_that_begins_with_the_marker(stage: Stage) -> None:
    key = stage.open_pull()
    stage.forge.tell(stage.forge.pull(key), report_of(stage.forge, key))
    (comment,) = stage.comments(key)
    assert comment.startswith(f"<!-- matinee:v1 {key.environment} -->\n")


def test_the_comment_is_edited_in_place(stage: Stage) -> None:
    key = stage.open_pull()
    pull = stage.forge.pull(key)
    stage.forge.tell(pull, report_of(stage.forge, key, State.DEPLOYING))
    before = stage.comments(key)
    stage.forge.tell(pull, replace(report_of(stage.forge, key), urls=(("web", Url("https://web.example")),)))
    assert len(stage.comments(key)) == 1
    assert stage.comments(key) != before


def test_a_restart_makes_no_second_comment(stage: Stage) -> None:
    key = stage.open_pull()
    stage.forge.tell(stage.forge.pull(key), report_of(stage.forge, key))
    stage.restarted().tell(stage.forge.pull(key), report_of(stage.forge, key, State.FAILED))
    assert len(stage.comments(key)) == 1


def test_a_deleted_comment_is_written_anew_with_the_next_report(stage: Stage) -> None:
    key = stage.open_pull()
    stage.forge.tell(stage.forge.pull(key), report_of(stage.forge, key, State.DEPLOYING))
    stage.wipe(key)
    stage.forge.tell(stage.forge.pull(key), report_of(stage.forge, key))
    assert len(stage.comments(key)) == 1


def test_the_same_report_is_told_once(stage: Stage) -> None:
    key = stage.open_pull()
    for _ in range(3):
        stage.forge.tell(stage.forge.pull(key), report_of(stage.forge, key))
    assert len(stage.comments(key)) == 1
    assert len(stage.verdicts(key)) <= 1


def remark_of(stage: Stage, key: PullKey) -> Remark:
    remark = stage.remark(key)
    if remark is None:
        pytest.skip("nobody writes remarks on this forge")
    return remark


def test_a_remark_is_acknowledged_and_then_done(stage: Stage) -> None:
    key = stage.open_pull()
    remark = remark_of(stage, key)
    for sign in (Sign.SEEN, Sign.DONE):
        stage.forge.react(key, remark, sign)
    assert stage.signs(remark) == (Sign.SEEN, Sign.DONE)


def test_a_remark_that_is_gone_is_acknowledged_by_nothing_and_nothing_fails(stage: Stage) -> None:
    stage.forge.react(stage.open_pull(), Remark(id="1", kind=RemarkKind.COMMENT), Sign.SEEN)


def test_each_remark_has_one_answer_beside_the_comment_also_after_a_restart(stage: Stage) -> None:
    key = stage.open_pull()
    one, two = remark_of(stage, key), remark_of(stage, key)
    stage.forge.tell(stage.forge.pull(key), report_of(stage.forge, key))
    stage.forge.reply(key, one, "Working on it.")
    stage.forge.reply(key, two, "It is running.")
    stage.restarted().reply(key, one, "Done.")
    assert sorted(stage.answers(key)) == ["Done.", "It is running."]
    assert len(stage.comments(key)) == 1


def test_a_report_without_a_commit_needs_no_status(stage: Stage) -> None:
    key = stage.open_pull()
    stage.forge.tell(stage.forge.pull(key), replace(report_of(stage.forge, key, State.REFUSED), sha=None))
    assert len(stage.comments(key)) == 1
    assert stage.verdicts(key) == ()


def test_genuine_deliveries_are_believed_and_become_events_of_their_pull(stage: Stage) -> None:
    key = stage.open_pull()
    stage.push(key)
    stage.close(key)
    for delivery in stage.deliveries():
        assert stage.forge.verify(delivery) is None
        event = stage.forge.read(delivery)
        assert isinstance(event, Event)
        assert event.key == key


@pytest.mark.parametrize("name", plugins.choices("forges"))
@settings(max_examples=50, deadline=None)
@given(
    headers=st.lists(st.tuples(st.text(max_size=20), st.text(max_size=80)), max_size=5).map(tuple),
    body=st.binary(max_size=200),
)
def test_no_text_is_believed_and_none_raises(name: str, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
    forge: Forge = plugins.create("forges", name, {"state": "/nowhere", f"{name}_webhook_secret": "secret"})
    delivery = Delivery(headers=headers, body=body)
    assert isinstance(forge.verify(delivery), Forged)
    assert not isinstance(forge.read(delivery), Event)


@pytest.mark.parametrize("name", plugins.choices("forges"))
@settings(max_examples=50, deadline=None)
@given(event=st.text(max_size=80), body=st.binary(max_size=200))
def test_a_delivery_that_somebody_stored_is_read_and_never_believed(name: str, event: str, body: bytes) -> None:
    forge: Forge = plugins.create("forges", name, {"state": "/nowhere", f"{name}_webhook_secret": "secret"})
    delivery = forge.delivery(event, body)
    assert delivery.body == body
    assert isinstance(forge.verify(delivery), Forged)
    assert isinstance(forge.read(delivery), Event | Ignored | Malformed)


@pytest.mark.parametrize("name", plugins.choices("forges"))
def test_a_forge_that_nobody_set_up_is_no_failure(name: str) -> None:
    forge: Forge = plugins.create("forges", name, {"state": "/nowhere"})
    assert [check for check in forge.checks({}) if check.state is not Health.OK] == []


def test_a_forge_that_can_be_worked_with_is_well_with_every_repository(stage: Stage) -> None:
    key = stage.open_pull()
    checks = list(stage.forge.checks({key.repository: "acme/shop"}))
    assert len({check.name for check in checks}) == len(checks)
    assert [check for check in checks if check.state is Health.FAILED] == []
    assert all(check.why and (check.advice or check.state is Health.OK) for check in checks)


def test_a_forge_that_does_not_know_a_repository_says_so_and_raises_nothing(stage: Stage) -> None:
    for unknown in ("99", "no number"):
        assert all(check.why for check in stage.forge.checks({unknown: "acme/gone"}))
