"""Deliveries that another project's webhook shaped: rightly signed, and about what never happened."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.core.events import Want
from bot.core.report import State
from tests.stories.bot import StoryBot
from tests.stories.test_pulls import SHOP
from tests.stories.test_trust import nothing_runs, of_another_kind, refused, running
from tests.world import gitlab_payloads as payloads
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_merge_request import MergeRequest, Note

pytestmark = pytest.mark.slow


@pytest.fixture
def forge():
    with GitLabWorld() as world:
        yield world


@pytest.fixture
def repository(forge):
    return forge.repository("acme/shop", SHOP, eve="read", ben="write")


@pytest.fixture
def readers(repository, bot):
    """A reader's pull between two branches of the project."""
    pull = repository.open_pull(author="eve")
    refused(bot, pull)
    return pull


def shaped(pull: MergeRequest, action: str, by: str, **more: Any) -> None:
    """Tell of a happening that was none."""
    told = payloads.merge_request_event(pull, action, by, **more)
    pull.project.world.happened("Merge Request Hook", told)


def said(pull: MergeRequest, by: str, text: str, *, number: int) -> None:
    """Tell of a note that nobody wrote, under this number."""
    note = Note(id=number, author=by, body=text, created=0, updated=0, pull=pull)
    pull.project.world.happened("Note Hook", payloads.note_event(note, "create"))


def heard(bot: StoryBot, pull: MergeRequest) -> list[str]:
    """What is answered once everything was attended to."""
    bot.settle()
    return pull.answers


NOTES: dict[str, Callable[[MergeRequest], int]] = {
    "none of that number": lambda pull: 1,
    "somebody else's": lambda pull: pull.say("eve", "hello").id,
    "another text": lambda pull: pull.say("ana", "no /preview deploy please").id,
    "on another pull": lambda pull: pull.project.open_pull(branch="b").say("ana", "/preview deploy").id,
    "an internal one": lambda pull: pull.say("ana", "/preview deploy", internal=True).id,
    "GitLab's own": lambda pull: pull.say("ana", "/preview deploy", system=True).id,
}


@pytest.mark.parametrize("what", NOTES)
def test_a_remark_that_the_forge_does_not_show_is_none(readers, bot, what, caplog):
    number = NOTES[what](readers)
    bot.settle()
    before = readers.answers
    said(readers, "ana", "/preview deploy", number=number)
    assert heard(bot, readers) == before
    assert bot.report(readers).state is State.REFUSED
    assert not list(bot.world.runner.homes()) or what == "on another pull"
    assert f"{readers.key.environment}: a remark is ignored: " in caplog.text


def test_whoever_pushed_the_commit_before_a_reader_opened_the_pull_has_not_spoken_for_it(readers, bot):
    readers.acts.append(("push", "ana", readers.head, readers.created - 60))
    shaped(readers, "update", "ana", oldrev="0" * 40)
    bot.settle()
    refused(bot, readers)
    assert nothing_runs(bot)


def test_a_remark_that_was_edited_before_it_was_heard_is_none(forge, readers, bot):
    with forge.holding() as held:
        note = readers.say("ana", "/preview deploy")
        note.edit("please do not\n\n/preview deploy")
    held[0].redeliver()
    assert heard(bot, readers) == []
    assert bot.report(readers).state is State.REFUSED


def test_a_remark_is_heard_once_whatever_number_its_delivery_has(repository, forge, bot):
    pull = repository.open_pull()
    note = pull.say("ana", "/preview stop")
    bot.settle()
    assert bot.report(pull).state is State.STOPPED
    pull.say("ana", "/preview deploy")
    running(bot, pull)
    said(pull, "ana", note.body, number=note.id)
    running(bot, pull)


def test_a_remark_that_gitlab_has_a_moment_later_is_heard(forge, readers, bot):
    forge.fail_next("GET", "/notes/", status=404)
    readers.say("ana", "/preview deploy")
    running(bot, readers)


@pytest.mark.parametrize("action", ["open", "reopen", "update", "update of the target", "update of the draft"])
def test_an_act_of_somebody_who_may_write_is_no_word_where_the_forge_shows_none(readers, bot, action):
    readers.draft = False
    more: dict[str, Any] = {
        "update": {"oldrev": "b" * 40},
        "update of the target": {"changes": {"target_branch": {"previous": "a", "current": "main"}}},
        "update of the draft": {"changes": {"draft": {"previous": True, "current": False}}},
    }.get(action, {})
    shaped(readers, action.partition(" ")[0], "ana", **more)
    why = refused(bot, readers)
    assert "eve may only read" in why
    assert nothing_runs(bot)
    (decision, *_) = bot.world.inbox.decisions(readers.key.environment)
    number = readers.project.world.person("ana")
    assert decision.facts[f"ana ({number})"] == "may write, but is not shown to have acted"


@pytest.mark.parametrize("act", ["push", "reopen", "retarget", "ready"])
def test_what_somebody_who_may_write_has_done_is_their_word(forge, repository, bot, act):
    pull = repository.open_pull(author="eve", draft=act == "ready")
    bot.settle()
    assert nothing_runs(bot)
    if act == "reopen":
        pull.close(by="eve")
        bot.settle()
    {
        "push": lambda: pull.push({"news": "1"}, by="ben"),
        "reopen": lambda: pull.reopen(by="ben"),
        "retarget": lambda: pull.retarget("main", by="ben"),
        "ready": lambda: pull.ready(by="ben"),
    }[act]()
    running(bot, pull)
    assert pull.comment.says("because ben may write to acme/shop")


def test_an_account_that_the_operator_names_has_to_have_acted_too(repository, forge, tmp_path):
    with of_another_kind(forge, tmp_path, trusted_actors=f"gitlab:{forge.person('group_7_bot_renovate')}") as bot:
        pull = repository.open_pull(author="eve")
        refused(bot, pull)
        shaped(pull, "update", "group_7_bot_renovate", oldrev="b" * 40)
        refused(bot, pull)
        assert nothing_runs(bot)


def test_many_that_never_pushed_do_not_hide_who_did(repository, forge, bot):
    bot.swept()
    with forge.holding() as held:
        pull = repository.open_pull(author="ana")
    for number in range(8):
        repository.allow(f"w{number}", "write")
        shaped(pull, "update", f"w{number}", oldrev="b" * 40)
    held[0].redeliver()
    running(bot, pull)


def test_somebodys_earlier_reopening_is_no_word_after_a_later_one(readers, bot):
    readers.close(by="ana")
    readers.reopen(by="eve")
    bot.settle()
    shaped(readers, "reopen", "ana")
    refused(bot, readers)
    assert nothing_runs(bot)


def test_to_refer_to_a_pull_is_no_word_for_it(readers, bot):
    readers.say("ana", "mentioned in merge request !7", system=True)
    readers.say("ana", "I changed target branch from `a` to `b`: marked this merge request as **ready**")
    shaped(readers, "reopen", "ana")
    refused(bot, readers)
    assert nothing_runs(bot)


def test_a_fork_is_not_approved_by_what_nobody_wrote(repository, bot):
    pull = repository.open_pull(from_fork=True, author="eve")
    refused(bot, pull)
    said(pull, "ana", f"/preview approve {pull.head}", number=pull.say("eve", f"/preview approve {pull.head}").id)
    refused(bot, pull)
    assert nothing_runs(bot)


def test_a_project_that_gitlab_still_shows_was_not_removed(repository, forge, bot):
    pull = repository.open_pull()
    running(bot, pull)
    place = {"project_id": repository.id, "path_with_namespace": repository.full_name}
    forge.happened("Project Hook", {"event_name": "project_destroy", **place})
    running(bot, pull)
    assert bot.world.inbox.lane(pull.key.environment).lane.wish.want is Want.DEPLOY
    forge.repositories.remove(repository)
    forge.happened("Project Hook", {"event_name": "project_destroy", "event_again": 1, **place})
    bot.settle()
    assert bot.report(pull).state is State.DELETED


@pytest.mark.parametrize("action", ["close", "merge"])
def test_a_pull_that_gitlab_shows_open_was_not_closed(repository, bot, action):
    pull = repository.open_pull()
    running(bot, pull)
    shaped(pull, action, "ana")
    running(bot, pull)
