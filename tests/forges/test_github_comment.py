"""The one comment on a pull, whatever users, other bots and the network do."""

from threading import Barrier, Thread

import pytest

from bot.core.errors import Unavailable
from bot.core.report import State, StepLine, StepState
from bot.core.telling.comment import LIMIT, comment
from bot.core.telling.markdown import size
from bot.forges import github
from bot.forges.github import GitHub
from tests.forges.told import report, tell
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull


def thread(pull: Pull) -> str:
    return f"/repositories/{pull.repository.id}/issues/{pull.number}/comments"


def posts(world: GitHubWorld, pull: Pull) -> int:
    return world.requests.count(f"POST {thread(pull)}")


def test_the_comment_is_found_among_250(world: GitHubWorld, forge: GitHub, pull: Pull) -> None:
    for number in range(249):
        pull.say("ben", f"remark {number}")
    tell(forge, pull, State.DEPLOYING)
    tell(github.create(world.settings), pull)
    assert len(pull.comments) == 250
    assert pull.comment.edits == 1
    assert posts(world, pull) == 1


def test_a_user_who_pastes_our_marker_gets_neither_an_edit_nor_a_second_comment_of_ours(
    world: GitHubWorld, forge: GitHub, pull: Pull
) -> None:
    before = pull.say("eve", comment(report(pull)))
    tell(forge, pull, State.DEPLOYING)
    after = pull.say("eve", comment(report(pull)))
    tell(github.create(world.settings), pull)
    assert (before.edits, after.edits, pull.comment.edits) == (0, 0, 1)
    assert before in pull.comments
    assert after in pull.comments


def test_two_bots_that_comment_at_the_same_time_leave_one_comment(
    world: GitHubWorld, forge: GitHub, pull: Pull
) -> None:
    bots = forge, github.create(world.settings)
    both = Barrier(2)
    world.meanwhile[f"POST {thread(pull)}"] = lambda: both.wait(20)
    telling = [Thread(target=tell, args=(bot, pull)) for bot in bots]
    for each in telling:
        each.start()
    for each in telling:
        each.join()
    assert posts(world, pull) == 2
    assert pull.comment.says("running")
    for bot in bots:
        tell(bot, pull, State.FAILED)
        assert pull.comment.says("failed")


def test_a_comment_that_a_user_deletes_while_it_is_being_edited_is_written_anew(
    world: GitHubWorld, forge: GitHub, pull: Pull
) -> None:
    tell(forge, pull, State.DEPLOYING)
    edit = f"PATCH /repositories/{pull.repository.id}/issues/comments/{pull.comment.id}"

    def delete() -> None:
        if pull.comments:
            pull.comment.delete()

    world.meanwhile[edit] = delete
    tell(forge, pull)
    assert pull.comment.says("running")


@pytest.mark.parametrize("status", [502, 504, 0], ids=["bad gateway", "gateway timeout", "connection cut"])
def test_after_an_answer_that_was_lost_the_comment_is_looked_for_and_not_posted_again(
    world: GitHubWorld, forge: GitHub, pull: Pull, status: int
) -> None:
    world.fail_next("POST", "/comments", status=status, after_effect=True)
    tell(forge, pull, State.DEPLOYING)
    tell(forge, pull)
    assert pull.comment.says("running")
    assert posts(world, pull) == 1


def test_a_bot_that_could_not_even_look_finds_the_comment_when_it_tells_again(
    world: GitHubWorld, forge: GitHub, pull: Pull
) -> None:
    world.fail_next("POST", "/comments", status=502, after_effect=True)
    world.meanwhile[f"POST {thread(pull)}"] = lambda: world.fail_next("GET", "/comments", times=3)
    with pytest.raises(Unavailable):
        tell(forge, pull)
    tell(forge, pull)
    assert pull.comment.says("running")
    assert posts(world, pull) == 1


def test_a_report_that_is_far_too_long_is_a_comment_that_fits(forge: GitHub, pull: Pull) -> None:
    loud = StepLine(name="build web", kind="build", state=StepState.FAILED, tail=("\U0001f600<" * 5000,) * 500)
    tell(forge, pull, State.FAILED, steps=(loud,) * 300)
    assert pull.comment.says("failed")
    assert size(pull.comment.body) < LIMIT
