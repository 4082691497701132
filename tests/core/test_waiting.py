from dataclasses import replace

import pytest

from bot.core.deciding.lane import Lane
from bot.core.errand import Force
from bot.core.events import PullKey, Want, Wish
from bot.core.model import JobEvent
from bot.core.names import Name, Sha, Url
from bot.core.report import Problem, Report, State, StepLine, StepState
from bot.core.telling.waiting import End, NotYet, Over, Up, look

KEY = PullKey(forge="github", repository="17", number=1)
OLD, NEW = Sha("0" * 40), Sha("1" * 40)
WISH = Wish(key=KEY, repository="acme/shop", want=Want.DEPLOY, sha=NEW, actor="ana", why="the pull was pushed to")
UNDER_WAY = Lane(wish=WISH, generation=2, settled=1)
DONE = replace(UNDER_WAY, settled=2)
STOPPED = replace(DONE, wish=replace(WISH, want=Want.STOP, sha=None, why="pat asked for it"))
DELETING = replace(UNDER_WAY, wish=replace(WISH, want=Want.DELETE, sha=None, why="the pull is closed"))
RUNNING = Report(
    key=KEY,
    repository="acme/shop",
    generation=2,
    state=State.RUNNING,
    sha=NEW,
    serving=NEW,
    urls=(("web", Url("http://web")),),
)
SEED = StepLine(name="run seed on deploy", kind="run", state=StepState.FAILED, why="exit code 7")
FAILED = replace(RUNNING, state=State.FAILED, serving=OLD, steps=(SEED,))
REFUSED = replace(RUNNING, state=State.REFUSED, serving=None, why="the pull comes from a fork")
INVALID = replace(REFUSED, problems=(Problem(path="x", line=1, column=1, message="no key"),), why="one mistake")
ERRAND = replace(WISH, want=Want.ERRAND, errand=Force(job=Name("seed"), event=JobEvent.DEPLOY))
OF_OLD = replace(RUNNING, generation=1, sha=OLD, serving=OLD)


@pytest.mark.parametrize("commit", [NEW, NEW[:7], ""], ids=["whole", "abbreviated", "the newest"])
@pytest.mark.parametrize("lane", [UNDER_WAY, DONE, replace(DONE, generation=3, errand=ERRAND)], ids=repr)
def test_a_commit_that_serves_is_up(lane, commit):
    assert look(lane, RUNNING, commit=commit, heard=True) == Up(report=RUNNING)


@pytest.mark.parametrize(
    ("lane", "report", "says"),
    [
        (None, None, "not known here"),
        (UNDER_WAY, None, "queued"),
        (UNDER_WAY, OF_OLD, "queued"),
        (replace(UNDER_WAY, errand=ERRAND, pending=True), replace(OF_OLD, generation=2), "queued"),
        (UNDER_WAY, replace(RUNNING, state=State.DEPLOYING, serving=OLD, why="a push"), "deploying: a push"),
        (UNDER_WAY, replace(RUNNING, state=State.QUEUED, serving=None, why="no engine"), "queued: no engine"),
        (replace(DONE, wish=replace(WISH, sha=OLD)), OF_OLD, "not told of 1111111 yet; it has 0000000"),
        (replace(DONE, wish=replace(WISH, sha=None)), OF_OLD, "not told of 1111111 yet"),
        (STOPPED, replace(OF_OLD, state=State.STOPPED), "stopped, and no delivery has told of 1111111"),
        (DELETING, None, "being deleted, and no delivery has told of 1111111"),
    ],
    ids=[
        "nothing known",
        "nothing told",
        "told of an older generation",
        "an errand comes first",
        "deploying",
        "put off",
        "an older commit",
        "any commit",
        "stopped before the push",
        "deleted before the push",
    ],
)
def test_what_may_still_come_is_waited_for(lane, report, says):
    found = look(lane, report, commit=NEW, heard=False)
    assert isinstance(found, NotYet)
    assert says in found.why


@pytest.mark.parametrize(
    ("lane", "report", "end", "says"),
    [
        (DONE, FAILED, End.FAILED, "the deploy of 1111111 failed: run seed on deploy: exit code 7"),
        (DONE, INVALID, End.INVALID, "one mistake"),
        (DONE, REFUSED, End.REFUSED, "fork"),
        (replace(DONE, wish=replace(WISH, sha=OLD)), OF_OLD, End.SUPERSEDED, "1111111 is superseded by 0000000"),
        (STOPPED, replace(RUNNING, state=State.STOPPED), End.AWAY, "stopped: pat asked for it"),
        (DELETING, None, End.AWAY, "being deleted: the pull is closed"),
        (DONE, replace(RUNNING, state=State.ASLEEP, serving=None), End.AWAY, "asleep"),
    ],
    ids=["failed", "invalid", "refused", "superseded", "stopped", "being deleted", "asleep"],
)
def test_what_will_not_come_by_itself_ends_the_wait(lane, report, end, says):
    found = look(lane, report, commit=NEW, heard=True)
    assert isinstance(found, Over)
    assert found.end is end
    assert says in found.why


def test_a_commit_that_still_serves_while_a_newer_one_is_deployed_is_superseded():
    lane = replace(UNDER_WAY, wish=replace(WISH, sha=OLD))
    assert look(lane, replace(RUNNING, generation=1), commit=NEW, heard=True) == Over(
        End.SUPERSEDED, "commit 1111111 is superseded by 0000000"
    )


def test_without_a_commit_a_stopped_preview_is_away():
    assert isinstance(look(STOPPED, None, commit="", heard=True), Over)
