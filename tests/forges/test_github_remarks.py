"""Which texts of a GitHub become something that may be a command, and which never do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.events import Commented, Event, Ignored, Malformed, PullKey, Removed
from bot.core.report import Report, State
from bot.core.telling.comment import comment
from bot.forges._github.hooks.comment import LONGEST
from tests.forges.test_github_payload import payload, read

KINDS = {
    "issue_comment": ("issue_comment/comment", "comment"),
    "pull_request_review_comment": ("pull_request_review_comment/review-comment", "comment"),
    "pull_request_review": ("pull_request_review/review", "review"),
}
kinds = pytest.mark.parametrize("event", KINDS)


def said(event: str, body: Any, **sender: Any) -> Any:
    name, part = KINDS[event]
    document = payload(name)
    document[part]["body"] = body
    document["sender"] |= sender
    return read(document, event=event)


@kinds
def test_what_is_said_is_passed_on_as_it_was_written(event: str) -> None:
    told = said(event, "a\r\n/preview  deploy\t\u200b é 😀\n")
    assert isinstance(told, Commented)
    assert told.text == "a\r\n/preview  deploy\t\u200b é 😀\n"


@kinds
@pytest.mark.parametrize("body", [None, "", " ", "\r\n\t"], ids=["null", "empty", "a space", "line ends"])
def test_nothing_said_is_nothing(event: str, body: str | None) -> None:
    assert said(event, body) == Ignored("nothing is written there")


@kinds
def test_a_text_of_64_ki_is_read_and_a_longer_one_is_not(event: str) -> None:
    assert isinstance(said(event, "/preview deploy".ljust(LONGEST, "x")), Commented)
    assert said(event, "/preview deploy".ljust(LONGEST + 1, "x")) == Ignored("the text has more than 65536 characters")
    assert isinstance(said(event, "😀" * 2**20), Ignored)


@kinds
@pytest.mark.parametrize("login", ["matinee[bot]", "dependabot[bot]", "ana"])
def test_no_program_gives_commands_whatever_it_is_called(event: str, login: str) -> None:
    assert isinstance(said(event, "/preview deploy", type="Bot", login=login), Ignored)


@kinds
def test_what_the_bot_writes_itself_is_no_command_whoever_it_is(event: str) -> None:
    key = PullKey(forge="github", repository="1296269", number=1)
    report = Report(key=key, repository="acme/shop", generation=1, state=State.RUNNING, sha=None)
    told = said(event, comment(report) + "\n/preview deploy", login="matinee-bot")
    assert told == Ignored("it is of the bot's own writing")


@kinds
@pytest.mark.parametrize("body", [1, ["/preview deploy"], {"a": 1}, True, "\ud800"])
def test_a_body_that_is_no_text_is_malformed(event: str, body: Any) -> None:
    assert isinstance(said(event, body), Malformed)


@kinds
@pytest.mark.parametrize("action", ["edited", "deleted", "dismissed", "pinned", "minimized"])
def test_only_a_new_text_is_a_command(event: str, action: str) -> None:
    document = payload(KINDS[event][0])
    assert isinstance(read({**document, "action": action}, event=event), Ignored)


@pytest.mark.parametrize("event", ["pull_request_review_comment", "pull_request_review"])
def test_a_review_of_another_repositorys_pull_is_malformed(event: str) -> None:
    document = payload(KINDS[event][0])
    document["pull_request"]["base"]["repo"]["id"] = 4
    told = read(document, event=event)
    assert isinstance(told, Malformed)
    assert told.why.startswith("pull_request.base.repo.id")


@pytest.mark.parametrize(
    "external",
    [
        None,
        "",
        "github-1296269",
        "github-1296269-",
        "github-1296269-0",
        "github-1296269-9999999999",
        "github-1296269-1-1",
        "github-1296269-1\n",
        "github-1296269-١",
        "github-01296269-1",
        "gitlab-1296269-1",
        "github-129626-1",
        "x" * 70_000,
    ],
)
def test_a_check_with_another_environment_than_its_repositorys_is_not_ours(external: str | None) -> None:
    document = payload("check_run/check-run-rerequested")
    document["check_run"]["external_id"] = external
    assert read(document, event="check_run") == Ignored("the check is none of this bot's")


def test_the_suite_of_a_forks_repository_names_no_pull_of_ours() -> None:
    document = payload("check_suite/check-suite-rerequested")
    document["check_suite"]["pull_requests"][0]["base"]["repo"]["id"] = 4
    assert isinstance(read(document, event="check_suite"), Ignored)


@given(ids=st.lists(st.integers(1, 2**63 - 1), min_size=1, max_size=50))
def test_every_repository_that_an_uninstalled_app_saw_is_named(ids: list[int]) -> None:
    document = payload("installation/installation-deleted")
    document["repositories"] = [{"id": each, "full_name": "acme/shop"} for each in ids]
    told = read(document, event="installation")
    assert isinstance(told, Removed)
    assert told.repositories == tuple(map(str, ids))


def test_one_wrong_repository_makes_the_whole_uninstalling_malformed() -> None:
    document = payload("installation/installation-deleted")
    document["repositories"][1]["id"] = "all"
    assert isinstance(read(document, event="installation"), Malformed)


def test_an_event_names_its_actor_by_number() -> None:
    told = read(payload("opened"))
    assert isinstance(told, Event)
    assert told.actor_id == str(payload("opened")["sender"]["id"])
