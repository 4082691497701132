"""The points of the grammar of commands that a delivery of GitHub decides, and not the text in it."""

import pytest

from bot.core.chat.parse import parse
from bot.core.events import Commented, Ignored
from bot.core.telling.answer import answer
from bot.core.telling.comment import comment
from tests.core.answered import ANSWERS
from tests.core.reports import ALL, KEY
from tests.forges.test_github_payload import payload, read


def test_point_8_a_new_comment_by_a_person_on_a_pull_may_be_a_command():
    told = read(payload("issue_comment/comment"), event="issue_comment")
    assert isinstance(told, Commented)
    assert parse(told.text)


@pytest.mark.parametrize("name", ["comment-edited", "comment-deleted", "comment-by-a-bot", "comment-of-ours"])
def test_point_8_no_edited_or_deleted_comment_is_one_nor_that_of_a_program_or_our_own(name):
    assert isinstance(read(payload(f"issue_comment/{name}"), event="issue_comment"), Ignored)


@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(comment(report), id=f"comment {name}") for name, report in ALL.items()),
        *(pytest.param(answer(KEY.environment, None, said), id=f"answer {name}") for name, said in ANSWERS.items()),
    ],
)
def test_point_8_nothing_that_we_write_is_a_command_whoever_says_it_again(text):
    assert parse(text) == ()
    _, _, without_marker = text.partition("\n")
    assert parse(without_marker) == ()


def test_point_9_a_comment_on_an_issue_is_none():
    told = read(payload("issue_comment/comment-on-an-issue"), event="issue_comment")
    assert told == Ignored("the comment is on an issue, which has no preview")
