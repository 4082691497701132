"""How somebody who wrote a command sees that it was read, and what came of it."""

import pytest

from bot.core.errors import Unavailable
from bot.core.events import Remark, RemarkKind, Sign
from bot.forges import github
from bot.forges.github import GitHub
from tests.forges.told import tell
from tests.world.github import GitHubWorld
from tests.world.github_repository import Comment, Pull, Repository


@pytest.fixture
def remark(pull: Pull) -> Remark:
    return Remark(id=str(pull.say("ana", "/preview status").id), kind=RemarkKind.COMMENT)


def only(pull: Pull) -> Comment:
    (found,) = [each for each in pull.comments if each.author == pull.repository.world.bot]
    return found


def signs(shop: Repository, remark: Remark) -> list[str]:
    return [reaction.content for reaction in shop.reactions if str(reaction.comment) == remark.id]


@pytest.mark.parametrize(("sign", "emoji"), [(Sign.DONE, "rocket"), (Sign.CONFUSED, "confused")])
def test_a_command_is_seen_at_once_and_then_done_or_not_understood(
    shop: Repository, forge: GitHub, pull: Pull, remark: Remark, sign: Sign, emoji: str
) -> None:
    forge.react(pull.key, remark, Sign.SEEN)
    assert signs(shop, remark) == ["eyes"]
    forge.react(pull.key, remark, sign)
    forge.react(pull.key, remark, sign)
    assert signs(shop, remark) == ["eyes", emoji]


def test_a_review_comment_has_signs_and_a_review_has_none(
    world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull
) -> None:
    shop.review_comments.add(77)
    forge.react(pull.key, Remark(id="77", kind=RemarkKind.REVIEW_COMMENT), Sign.SEEN)
    forge.react(pull.key, Remark(id="78", kind=RemarkKind.REVIEW), Sign.SEEN)
    assert [reaction.comment for reaction in shop.reactions] == [77]
    assert sum("reactions" in request for request in world.requests) == 1


@pytest.mark.parametrize("status", [403, 404, 422, 429, 500, 0])
def test_a_sign_that_cannot_be_given_is_no_failure(
    world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull, remark: Remark, status: int
) -> None:
    world.fail_next("POST", "/reactions", status=status)
    forge.react(pull.key, remark, Sign.SEEN)
    assert shop.reactions == []


@pytest.mark.parametrize("id_", ["", "../../user", "7/../8", "٣", "-1"])
def test_no_number_of_a_remark_makes_another_address(world: GitHubWorld, forge: GitHub, pull: Pull, id_: str) -> None:
    forge.react(pull.key, Remark(id=id_, kind=RemarkKind.COMMENT), Sign.SEEN)
    assert world.requests == []


def test_an_answer_is_a_comment_of_its_own_beside_the_one_that_says_everything(
    world: GitHubWorld, forge: GitHub, pull: Pull, remark: Remark
) -> None:
    tell(forge, pull)
    forge.reply(pull.key, remark, "It is running.")
    tell(forge, pull, generation=2)
    _, state, answer = pull.comments
    assert state.body.startswith("<!-- matinee:v1 ")
    assert answer.body == f"<!-- matinee:answer {pull.key.environment} {remark.id} -->\nIt is running.\n"


def test_a_remark_is_answered_once_and_what_the_answer_says_can_change(
    world: GitHubWorld, forge: GitHub, pull: Pull, remark: Remark
) -> None:
    for bot in (forge, forge, github.create(world.settings)):
        bot.reply(pull.key, remark, "Working on it.")
    assert only(pull).edits == 0
    forge.reply(pull.key, remark, "Done.")
    assert only(pull).says("Done.")


def test_two_remarks_have_two_answers(forge: GitHub, pull: Pull, remark: Remark) -> None:
    other = Remark(id=str(int(remark.id) + 5), kind=RemarkKind.REVIEW_COMMENT)
    for each in (remark, other, None):
        forge.reply(pull.key, each, "It is running.")
    assert len(pull.comments) == 4


@pytest.mark.parametrize("status", [502, 0], ids=["bad gateway", "connection cut"])
def test_an_answer_is_looked_for_before_it_is_given_again(
    world: GitHubWorld, forge: GitHub, pull: Pull, remark: Remark, status: int
) -> None:
    world.fail_next("POST", "/comments", status=status, after_effect=True)
    forge.reply(pull.key, remark, "It is running.")
    forge.reply(pull.key, remark, "It is running.")
    assert only(pull).says("It is running.")


def test_an_answer_that_could_not_be_given_is_said_so_to_whoever_wanted_to(
    world: GitHubWorld, forge: GitHub, pull: Pull, remark: Remark
) -> None:
    world.fail_next("POST", "/comments", status=502)
    with pytest.raises(Unavailable):
        forge.reply(pull.key, remark, "It is running.")
    forge.reply(pull.key, remark, "It is running.")
    assert only(pull).says("It is running.")


def test_somebody_who_pastes_the_marker_of_an_answer_is_not_edited(forge: GitHub, pull: Pull, remark: Remark) -> None:
    theirs = pull.say("eve", f"<!-- matinee:answer {pull.key.environment} {remark.id} -->\nNo.")
    forge.reply(pull.key, remark, "Yes.")
    assert theirs.edits == 0
    assert only(pull).says("Yes.")
