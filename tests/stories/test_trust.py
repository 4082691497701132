"""Whose commit runs, in the words of those who open pulls and of those who let them run."""

import subprocess
from datetime import UTC, datetime

import pytest

from bot.core.errand import Adopt
from bot.core.events import Want, Wish
from bot.core.group import Home
from bot.core.names import Name
from bot.core.report import State
from tests.stories.approving import approve
from tests.stories.bot import StoryBot
from tests.stories.conftest import BOTH
from tests.stories.test_errands import clone, stands
from tests.stories.test_pulls import SHOP

pytestmark = [pytest.mark.slow, BOTH]

ASKING = """\
version: 1
services:
  web: {image: busybox, port: 8080, variables: {HOOK: "${secrets.HOOK}"}}
"""


@pytest.fixture
def repository(forge):
    return forge.repository("acme/shop", SHOP, eve="read", root="admin")


@pytest.fixture
def given(forge, bot, repository):
    def give(name: str, value: str, *, fork: bool = False) -> None:
        bot.world.vault.set(f"{forge.name}:{repository.id}", name, value, fork=fork, now=datetime.now(UTC))

    return give


def refused(bot, pull) -> str:
    bot.settle()
    report = bot.report(pull)
    assert report.state is State.REFUSED
    assert f"`/preview approve {pull.head}`" in report.why
    assert pull.comment.says(f"`/preview approve {pull.head}`")
    return report.why


def running(bot, pull) -> None:
    bot.settle()
    assert bot.report(pull).state is State.RUNNING
    assert bot.report(pull).serving == pull.head


def variables(bot, pull) -> dict[str, str]:
    stands = bot.world.runner.recall(Home(environment=pull.key.environment, generation=0))
    return dict(stands.nodes["web"].service.variables)


def nothing_runs(bot) -> bool:
    return not list(bot.world.runner.homes()) and not bot.built and not bot.built_for_forks


def mirrored(bot, sha: str) -> bool:
    """Whether the commit has been fetched at all."""
    asked = (["git", "-C", str(each), "cat-file", "-e", sha] for each in (bot.state / "mirrors").glob("*"))
    return any(subprocess.run(one, env={"GIT_NO_LAZY_FETCH": "1"}, check=False).returncode == 0 for one in asked)


def test_a_forks_commit_runs_once_it_is_approved_a_push_needs_a_new_word_and_the_old_commit_does_not(
    repository, bot, given
):
    given("HOOK", "for-us")
    given("HOOK", "for-forks", fork=True)
    pull = repository.open_pull(from_fork=True, author="eve", files={"matinee.yaml": ASKING})
    approved = pull.head
    assert "comes from a fork" in refused(bot, pull)
    assert nothing_runs(bot)

    approve(bot, pull)
    running(bot, pull)
    assert variables(bot, pull)["HOOK"] == "for-forks"
    assert pull.comment.says(f"Commit `{approved[:7]}` may run here because ana approved it.")
    assert pull.comment.says("It comes from a fork: of the secrets for forks it sees `HOOK`, and may not call out.")

    pull.push({"news": "1"})
    refused(bot, pull)
    assert bot.report(pull).serving == approved
    assert pull.comment.says(f"Commit `{approved[:7]}` goes on serving")

    pull.push_back(approved)
    running(bot, pull)


def test_a_commit_of_a_fork_is_built_by_the_forks_own_builder(repository, bot):
    pull = repository.open_pull(from_fork=True, author="eve")
    approve(bot, pull)
    running(bot, pull)
    assert bot.built_for_forks
    assert not bot.built


def test_not_even_the_operator_runs_a_forks_commit_that_nobody_approved(repository, bot):
    pull = repository.open_pull(from_fork=True, author="root")
    refused(bot, pull)
    bot.asked(pull, Want.DEPLOY)
    refused(bot, pull)
    assert nothing_runs(bot)


def test_an_approval_by_somebody_who_may_only_read_changes_nothing(repository, bot):
    pull = repository.open_pull(from_fork=True, author="eve")
    refused(bot, pull)
    approve(bot, pull, by="eve")
    refused(bot, pull)
    assert nothing_runs(bot)


def test_an_approval_of_another_commit_changes_nothing(repository, bot):
    pull = repository.open_pull(from_fork=True, author="eve")
    first = pull.head
    pull.push({"news": "1"})
    approve(bot, pull, sha=first)
    refused(bot, pull)
    assert nothing_runs(bot)


def test_a_reader_who_opens_a_pull_between_two_branches_is_refused_until_it_is_approved(repository, bot):
    pull = repository.open_pull(author="eve")
    assert "eve may only read in acme/shop" in refused(bot, pull)
    assert nothing_runs(bot)
    assert not mirrored(bot, pull.head)
    approve(bot, pull)
    running(bot, pull)


def test_somebody_who_may_write_has_a_readers_pull_run_by_acting_on_it(repository, bot):
    pull = repository.open_pull(author="eve")
    refused(bot, pull)
    pull.retarget("main", by="ana")
    running(bot, pull)
    assert pull.comment.says("because ana may write to acme/shop")


def test_the_operators_word_is_enough_for_a_branch_of_the_repository(repository, bot):
    pull = repository.open_pull(author="eve")
    refused(bot, pull)
    bot.asked(pull, Want.DEPLOY)
    running(bot, pull)
    assert pull.comment.says("because pat asked for it where the bot runs")


def test_a_reader_may_reopen_what_somebody_who_may_write_has_pushed(repository, bot):
    pull = repository.open_pull()
    running(bot, pull)
    pull.close(by="eve")
    bot.settle()
    assert bot.report(pull).state is State.DELETED
    repository.allow("ana", "read")
    pull.reopen(by="eve")
    running(bot, pull)


def test_a_push_by_somebody_who_may_write_counts_also_where_a_readers_click_arrives_before_it(repository, forge, bot):
    bot.swept()
    with forge.holding() as held:
        pull = repository.open_pull()
        pull.reopen(by="eve")
    held[1].redeliver()
    refused(bot, pull)
    held[0].redeliver()
    running(bot, pull)


def test_a_readers_click_does_not_take_away_the_word_of_the_push_before_it(repository, forge, bot):
    bot.swept()
    with forge.holding() as held, bot.held_at("web") as reached:
        pull = repository.open_pull()
        held[0].redeliver()
        assert reached.wait(20)
        pull.reopen(by="eve")
        held[1].redeliver()
    running(bot, pull)


def test_closing_a_pull_is_no_word_for_its_commit(repository, forge, bot):
    pull = repository.open_pull(author="eve")
    refused(bot, pull)
    bot.swept()
    with forge.holding() as held:
        pull.close(by="ana")
        pull.reopen(by="eve")
    held[0].redeliver()
    refused(bot, pull)
    assert nothing_runs(bot)


def test_a_permission_that_was_lost_before_the_turn_does_not_count(repository, forge, bot):
    bot.swept()
    with forge.holding() as held:
        pull = repository.open_pull()
    repository.allow("ana", "read")
    held[0].redeliver()
    assert "ana may only read" in refused(bot, pull)
    assert nothing_runs(bot)


def test_while_the_forge_does_not_say_who_may_what_a_pull_waits(repository, forge, bot):
    forge.fail_next("GET", forge.RIGHTS, status=500, times=8)
    pull = repository.open_pull()
    bot.until_tried(pull, 1)
    assert bot.report(pull).state is State.QUEUED
    assert nothing_runs(bot)
    bot.asked(pull, Want.DEPLOY)
    running(bot, pull)


def test_a_fork_whose_spec_names_a_secret_that_only_others_have_is_refused_and_told_which(
    repository, forge, bot, given
):
    given("HOOK", "for-us")
    pull = repository.open_pull(from_fork=True, author="eve", files={"matinee.yaml": ASKING})
    approve(bot, pull)
    bot.settle()
    report = bot.report(pull)
    assert report.state is State.REFUSED
    assert "has not given HOOK to pulls from forks" in report.why
    assert pull.comment.says(f"`matinee secrets set {forge.name}:{repository.id} HOOK --forks`")
    assert "for-us" not in pull.comment.body
    assert nothing_runs(bot)


def test_a_pull_whose_fork_is_gone_is_a_forks(repository, forge, bot):
    bot.swept()
    with forge.holding() as held:
        pull = repository.open_pull(from_fork=True, author="eve")
    pull.lose_fork()
    held[0].redeliver()
    assert "comes from a fork" in refused(bot, pull)
    approve(bot, pull)
    running(bot, pull)
    assert bot.built_for_forks


def test_the_commit_of_a_stranger_is_not_even_fetched(repository, bot):
    pull = repository.open_pull(from_fork=True, author="eve", files={"matinee.yaml": "version: 1\nservises: {}\n"})
    assert "comes from a fork" in refused(bot, pull)
    assert not mirrored(bot, pull.head)
    assert mirrored(bot, repository.head)


def of_another_kind(forge, tmp_path, **more: str) -> StoryBot:
    settings = {f"MATINEE_{name.upper()}": value for name, value in more.items()}
    return type("Bot", (StoryBot,), {"more": settings})(forge, tmp_path / "another")


BOTS = {"github": "dependabot[bot]", "gitlab": "group_7_bot_renovate"}


def test_a_bot_that_the_operator_does_not_name_is_a_stranger(repository, forge, bot):
    pull = repository.open_pull(author=BOTS[forge.name])
    refused(bot, pull)
    assert nothing_runs(bot)


def test_a_bot_that_the_operator_names_counts_but_not_for_a_fork(repository, forge, tmp_path):
    number = forge.person(BOTS[forge.name])
    with of_another_kind(forge, tmp_path, trusted_actors=f"{forge.name}:{number}") as bot:
        pull = repository.open_pull(author=BOTS[forge.name])
        running(bot, pull)
        assert pull.comment.says("because the operator trusts the account")
        refused(bot, repository.open_pull(branch="other", from_fork=True, author=BOTS[forge.name]))


def test_without_a_builder_for_forks_they_are_refused_and_told_what_to_set(repository, forge, tmp_path):
    with of_another_kind(forge, tmp_path, fork_builder="") as bot:
        pull = repository.open_pull(from_fork=True, author="eve")
        approve(bot, pull)
        bot.settle()
        assert bot.report(pull).state is State.REFUSED
        assert pull.comment.says("MATINEE_FORK_BUILDER")
        assert not mirrored(bot, pull.head)


@pytest.mark.parametrize(
    "preview",
    ["drafts: skip", "label: preview", "paths: ['web/**']"],
)
def test_a_strangers_pull_that_the_base_branchs_filters_leave_out_is_not_spoken_to(forge, bot, preview):
    spec = SHOP["matinee.yaml"].replace("services:", f"preview: {{{preview}}}\nservices:", 1)
    theirs = {"matinee.yaml": SHOP["matinee.yaml"], "README.md": "mine"}
    acme = forge.repository("acme/shop", {**SHOP, "matinee.yaml": spec}, eve="read")
    for from_fork in (True, False):
        draft = preview.startswith("drafts")
        pull = acme.open_pull(branch=f"b{from_fork}", from_fork=from_fork, author="eve", draft=draft, files=theirs)
        bot.settle()
        assert not pull.comments
        assert not pull.statuses
    assert nothing_runs(bot)


def test_why_tells_who_was_asked_about_and_whose_word_it_is(repository, bot):
    pull = repository.open_pull(author="eve")
    refused(bot, pull)
    (decision, *_) = bot.world.inbox.decisions(pull.key.environment)
    assert decision.facts[f"eve ({pull.repository.world.person('eve')})"] == "may read"
    assert decision.facts["spec"] == "the base branch's"
    approve(bot, pull)
    running(bot, pull)
    (decision, *_) = bot.world.inbox.decisions(pull.key.environment)
    assert decision.facts["let run by"] == "ana (approval)"


@pytest.mark.parametrize("fork", [True, False])
def test_what_a_fork_brought_is_cloned_into_no_other_preview(repository, bot, fork):
    theirs = repository.open_pull(from_fork=True, author="eve")
    approve(bot, theirs)
    running(bot, theirs)
    target = theirs if fork else repository.open_pull(branch="ours")
    bot.settle()
    errand = Adopt(name=Name("web2"), clone=clone(bot, theirs, Name("web")))
    bot.world.inbox.wish(
        Wish(
            key=target.key,
            repository="acme/shop",
            want=Want.ERRAND,
            sha=None,
            actor="pat",
            why="so",
            person=True,
            errand=errand,
        )
    )
    bot.settle()
    there = "web2" in stands(bot, target).nodes
    refusal = "is of a pull from a fork" in bot.report(target).why
    assert (there, refusal) == (fork, not fork)
