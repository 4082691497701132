"""The bot was away, or the forge could not reach it: after its start every preview is as the forge shows its pull."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import premises
from bot.core.events import Want
from bot.core.lifetime import moment
from bot.core.report import State
from bot.core.telling.checkup import Health
from bot.sweeper.finding import Act, Terms
from bot.sweeper.rounds import by_hand
from bot.sweeper.times import times
from tests.stories.bot import StoryBot
from tests.stories.conftest import BOTH
from tests.stories.test_pulls import SHOP
from tests.world.bot import wait
from tests.world.lives import Fuse, Killed, Mortal

pytestmark = pytest.mark.slow
NOWHERE = "http://127.0.0.1:1/hooks"
DAYS = timedelta(days=2, hours=23)


@pytest.fixture
def repository(forge):
    return forge.repository("acme/shop", SHOP)


@pytest.fixture
def away(forge, repository, tmp_path):
    """Four pulls are up, and the bot goes; what is returned brings it back."""

    def back() -> StoryBot:
        return StoryBot(forge, tmp_path / "state", before=first)

    with StoryBot(forge, tmp_path / "state") as first:
        pulls = [repository.open_pull(branch=f"branch-{number}") for number in range(4)]
        first.settle()
    forge.hook = f"{NOWHERE}/{forge.name}"
    return pulls, back


def standing(bot: StoryBot) -> set[str]:
    return {home.environment for home in bot.world.runner.homes()}


@BOTH
def test_after_three_days_away_every_preview_is_as_its_pull(forge, repository, away):
    (pushed, closed, merged, reopened), back = away
    pushed.push({"web/a": "1"})
    pushed.comment.delete()
    pushed.push({"web/a": "2"})
    closed.close()
    merged.close(merged=True)
    reopened.close()
    reopened.push({"web/a": "1"})
    reopened.reopen()
    opened = repository.open_pull(branch="new")
    gone = repository.open_pull(branch="short")
    gone.close()
    assert not any(sent.status for sent in forge.deliveries[-10:])
    returned = back()
    returned.later(DAYS)
    with returned as bot:
        bot.swept()
        for pull in (pushed, reopened, opened):
            assert bot.report(pull).state is State.RUNNING
            assert bot.report(pull).serving == pull.head
            assert len(pull.comments) == 1
            assert pull.comment.says(pull.head[:7])
            assert pull.status.state == "success"
        for pull in (closed, merged):
            assert bot.report(pull).state is State.DELETED
            assert pull.comment.says("deleted")
        assert standing(bot) == {pull.key.environment for pull in (pushed, reopened, opened)}
        assert {each.act for each in bot.sweep()} == {Act.NOTHING}


@BOTH
def test_a_delivery_counts_once_however_it_comes(forge, repository, bot):
    pull = repository.open_pull()
    bot.settle()
    forge.hook, reached = f"{NOWHERE}/{forge.name}", forge.hook
    pull.push({"web/a": "1"})
    lost, forge.hook = forge.deliveries[-1], reached
    first = [each for each in bot.sweep() if each.look == "deliveries"]
    assert [(each.act, each.done) for each in first] == [(Act.RECEIVE, True)]
    generation = bot.status(pull).lane.generation
    assert [each.act for each in bot.sweep() if each.look == "deliveries"] == [Act.NOTHING]
    lost.redeliver()
    assert [each for each in bot.sweep() if each.look == "deliveries"] == []
    assert bot.report(pull).serving == pull.head
    assert bot.status(pull).lane.generation == generation


def test_what_was_not_delivered_is_looked_for_with_an_app_too(tmp_path):
    from tests.world.github import GitHubWorld

    with GitHubWorld(app=True) as forge, StoryBot(forge, tmp_path / "state") as bot:
        repository = forge.repository("acme/shop", SHOP)
        with forge.holding():
            pull = repository.open_pull()
        bot.sweep()
        assert bot.report(pull).state is State.RUNNING
        assert bot.world.inbox.delivered(pull.key.environment) == {pull.head}


@BOTH
def test_a_token_that_may_not_see_webhooks_compares_pulls_all_the_same(forge, repository, bot, caplog):
    pull = repository.open_pull()
    bot.settle()
    with forge.holding():
        pull.push({"web/a": "1"})
    for _ in range(2):
        forge.fail_next("GET", "/hooks", status=403, message="Forbidden")
        bot.sweep()
    assert bot.report(pull).serving == pull.head
    assert caplog.text.count("lost deliveries of ") == 1


@BOTH
def test_an_event_that_was_lost_has_the_pulls_author_as_its_actor(forge, repository, bot):
    first = repository.open_pull(branch="first")
    bot.settle()
    with forge.holding():
        pull = repository.open_pull(author="bea")
        repository.allow("bea", "write")
        first.push({"web/a": "1"}, by="eve")
    forge.deliveries.clear()
    bot.sweep()
    assert [bot.status(each).lane.wish.actor for each in (pull, first)] == ["bea", "ana"]
    assert bot.status(pull).lane.wish.actor_id == str(forge.person("bea"))
    assert bot.report(pull).state is State.RUNNING


@BOTH
def test_what_changed_beside_the_commit_and_was_lost_is_found_by_the_next_sweep(forge, bot):
    spec = SHOP["matinee.yaml"] + "preview: {label: preview}\n"
    labelled = forge.repository("acme/labelled", {**SHOP, "matinee.yaml": spec})
    labelled.open_pull(branch="first")
    bot.settle()
    with forge.holding():
        pull = labelled.open_pull()
    forge.deliveries.clear()
    bot.sweep()
    changes = (
        (lambda: pull.label("preview"), Act.LOOK, State.RUNNING),
        (pull.back_to_draft, Act.LOOK, State.STOPPED),
        (pull.ready, Act.DEPLOY, State.RUNNING),
        (lambda: pull.unlabel("preview"), Act.DELETE, State.DELETED),
    )
    for change, act, state in changes:
        with forge.holding():
            change()
        forge.deliveries.clear()
        assert [(each.act, each.done) for each in bot.sweep() if each.look == "pulls"] == [(act, True)]
        assert bot.report(pull).state is state
        assert [each for each in bot.sweep() if each.look == "pulls"] == []


@BOTH
@pytest.mark.parametrize("status", [500, 404, 403, 0])
def test_nothing_is_deleted_while_a_forge_does_not_answer_as_it_should(forge, repository, bot, status):
    pulls = [repository.open_pull(branch=f"branch-{number}") for number in range(3)]
    bot.settle()
    before = standing(bot)
    forge.fail_next(status=status, times=1000)
    found = bot.sweep(yes=True)
    assert Act.DELETE not in {each.act for each in found}
    assert {bot.report(pull).state for pull in pulls} == {State.RUNNING}
    assert standing(bot) == before


@BOTH
def test_nothing_is_deleted_because_a_list_was_empty_or_only_its_beginning(forge, repository, bot):
    pulls = [repository.open_pull(branch=f"branch-{number}") for number in range(5)]
    bot.settle()
    for shown in (pulls[:1], []):
        with repository.listing(shown):
            found = bot.sweep(yes=True)
        assert [each.act for each in found if each.look == "pulls"] == [Act.NOTHING] * (5 - len(shown))
    assert {bot.report(pull).state for pull in pulls} == {State.RUNNING}


@BOTH
def test_a_pull_that_is_shown_no_more_is_no_reason_to_delete(forge, repository, bot):
    pull = repository.open_pull()
    bot.settle()
    forge.repositories.remove(repository)
    found = bot.sweep(yes=True)
    assert Act.DELETE not in {each.act for each in found}
    assert bot.report(pull).state is State.RUNNING


def test_too_many_deletes_at_once_wait_for_somebodys_word(forge, repository, bot):
    pulls = [repository.open_pull(branch=f"branch-{number}", files={"a": "1"}) for number in range(7)]
    bot.settle()
    with forge.holding():
        for pull in pulls[:4]:
            pull.close()
    forge.deliveries.clear()
    found = bot.sweep()
    assert [each.act for each in found if each.look == "pulls"] == [Act.ASK] * 4
    assert len(standing(bot)) == 7
    bot.sweep(yes=True)
    assert standing(bot) == {pull.key.environment for pull in pulls[4:]}


def test_an_operator_hears_of_a_sweep_that_waits_until_it_has_the_word(forge, repository, away):
    pulls, back = away
    for pull in pulls:
        pull.close()
    forge.deliveries.clear()
    returned = back()
    returned.later(timedelta(minutes=11))
    with returned as bot:
        bot.swept()
        waits = premises.swept(bot.settings)
        assert waits.state is Health.WARNING
        assert "4 of 4 previews" in waits.why
        assert "matinee sweep --yes" in waits.advice
        bot.sweep(yes=True)
        assert premises.swept(bot.settings).state is Health.OK
        assert standing(bot) == set()


def test_a_few_deletes_at_once_are_just_done(forge, repository, bot):
    pulls = [repository.open_pull(branch=f"branch-{number}") for number in range(3)]
    bot.settle()
    with forge.holding():
        for pull in pulls:
            pull.close()
    forge.deliveries.clear()
    bot.sweep()
    assert standing(bot) == set()


def test_what_a_person_deleted_or_the_clock_did_is_not_brought_back(forge, repository, bot):
    spec = SHOP["matinee.yaml"] + "preview: {ttl: 72h}\n"
    by_hand, by_clock = (repository.open_pull(branch=name, files={"matinee.yaml": spec}) for name in ("a", "b"))
    bot.settle()
    bot.asked(by_hand, Want.DELETE)
    bot.settle()
    bot.later(timedelta(hours=73))
    bot.sweep()
    for _ in range(2):
        bot.sweep()
        assert {bot.report(pull).state for pull in (by_hand, by_clock)} == {State.DELETED}
    forge.deliveries.clear()
    with forge.holding():
        by_hand.push({"web/a": "1"})
        by_clock.push({"web/a": "1"})
    forge.deliveries.clear()
    bot.sweep()
    assert bot.report(by_hand).state is State.DELETED
    assert bot.report(by_clock).serving == by_clock.head


def test_an_end_is_announced_in_one_comment_although_the_bot_dies_after_it(forge, repository, bot):
    pull = repository.open_pull(files={"matinee.yaml": SHOP["matinee.yaml"] + "preview: {ttl: 72h}\n"})
    bot.settle()
    bot.later(timedelta(hours=48, minutes=1))
    mortal = Mortal(bot.world.inbox, Fuse(left=0), frozenset({"announced"}))
    with suppress(Killed):
        list(times(replace(bot.world, inbox=mortal), Terms(since=bot.world.inbox.now)))
    bot.sweep()
    bot.sweep()
    said = [each for each in pull.comments if each.says("This preview is deleted on")]
    assert len(said) == 1
    assert said[0].says(moment(bot.report(pull).expires_at))
    assert len(pull.comments) == 2


def test_a_report_that_was_not_told_before_the_bot_died_is_told_after_its_start(forge, repository, tmp_path):
    with StoryBot(forge, tmp_path / "state") as first:
        pull = repository.open_pull()
        first.settle()
        with forge.outage():
            pull.push({"web/a": "1"})
            wait(lambda: first.status(pull).lane.due, "the push")
        told = pull.comment.body
    with StoryBot(forge, tmp_path / "state", before=first) as second:
        second.later(timedelta(minutes=10))
        second.settle()
        assert pull.comment.body != told
        assert pull.comment.says(pull.head[:7])
        assert pull.status.state == "success"


@BOTH
def test_a_lost_database_loses_no_preview(forge, repository, away):
    (pushed, closed, *kept), back = away
    pushed.push({"web/a": "1"})
    closed.close()
    forge.deliveries.clear()
    returned = back()
    for status in returned.world.inbox.lanes():
        returned.world.inbox.forget(status.environment)
    returned.later(timedelta(minutes=11))
    with returned as bot:
        bot.swept()
        for pull in (pushed, *kept):
            assert bot.report(pull).serving == pull.head
        assert bot.report(closed).state is State.DELETED
        assert standing(bot) == {pull.key.environment for pull in (pushed, *kept)}


def test_an_event_for_a_preview_of_a_lost_database_is_carried_out(forge, repository, away):
    (pull, *_), back = away
    with back() as bot:
        pull.push({"web/a": "0"})
        bot.settle()
        for status in bot.world.inbox.lanes():
            bot.world.inbox.forget(status.environment)
        pull.push({"web/a": "1"})
        bot.settle()
        assert bot.report(pull).serving == pull.head


def test_a_copy_of_the_database_that_is_older_than_what_stands_is_caught_up_with(forge, repository, tmp_path):
    state = tmp_path / "state"
    with StoryBot(forge, state) as first:
        pull = repository.open_pull()
        first.settle()
    copies = {file: file.read_bytes() for file in state.glob("matinee.db*")}
    with StoryBot(forge, state, before=first) as second:
        for page in ("1", "2"):
            pull.push({"web/a": page})
            second.settle()
    for file in state.glob("matinee.db*"):
        file.unlink()
    for file, content in copies.items():
        file.write_bytes(content)
    with StoryBot(forge, state, before=second) as third:
        pull.push({"web/a": "3"})
        third.settle()
        assert third.report(pull).serving == pull.head


@BOTH
def test_a_sweep_of_a_hundred_previews_of_one_repository_takes_few_requests(forge, repository, tmp_path):
    idle = StoryBot(forge, tmp_path / "state")
    for number in range(100):
        idle.told(repository.open_pull(branch=f"branch-{number}"))
    forge.deliveries.clear()
    forge.hook = f"{NOWHERE}/{forge.name}"
    found = list(by_hand(idle.world, act=False, yes=False))
    idle.world.inbox.close()
    assert found == []
    root = f"GET {forge.ROOT}{repository.id}"
    asked = [f"{root}/hooks", f"{root}/hooks/4242/{forge.CALLS}", f"{root}{forge.PULLS.rstrip('/')}"]
    assert sorted(forge.requests) == sorted(asked)


def test_a_delete_that_failed_for_days_is_tried_again(forge, repository, bot):
    spec = SHOP["matinee.yaml"].replace("echo dropped", "exit 1")
    pull = repository.open_pull(files={"matinee.yaml": spec})
    bot.settle()
    pull.close()
    bot.until_tried(pull, 1)
    for _ in range(5):
        tries = bot.status(pull).lane.tries
        bot.later(timedelta(hours=12))
        bot.until_tried(pull, tries + 1)
    bot.until(pull, State.DELETE_FAILED)
    assert standing(bot) == {pull.key.environment}
