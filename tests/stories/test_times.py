"""A preview that nobody comes back to sleeps, says that it will end, and ends; the clock is set by hand."""

from datetime import timedelta

import pytest

from bot.core.events import Ignored, Want
from bot.core.lifetime import moment
from bot.core.report import State, StepState
from bot.sweeper.finding import Act, Terms
from bot.sweeper.times import times
from tests.stories.test_every_state import running, running_well, shop
from tests.world.lives import Life

pytestmark = pytest.mark.slow
HOUR = timedelta(hours=1)


def timed(one: Life, *, ttl: str = "", sleep: str = "", **jobs: str) -> None:
    """Deploy the shop with these times, and let it come up."""
    given = "".join(f"{name}: {value}, " for name, value in (("ttl", ttl), ("sleep", sleep)) if value)
    one.push(shop(**jobs) + f"preview: {{{given.removesuffix(', ')}}}\n")
    one.settle()


def swept(one: Life, *, act: bool = True):
    return [each for each in times(one.world, Terms(since=one.now, act=act)) if each.subject == one.key.environment]


def notices(one: Life) -> list[str]:
    return [body for (key, _), body in one.world.forges["memory"].replies.items() if key == one.key]


def comment(one: Life) -> str:
    return one.world.forges["memory"].comment(one.key)


def test_a_preview_is_deleted_when_its_time_is_over_and_the_next_push_makes_a_new_one(one):
    timed(one, ttl="72h")
    one.now = one.report.expires_at
    assert [each.act for each in swept(one)] == [Act.DELETE]
    one.settle()
    assert one.report.state is State.DELETED
    assert "its time to live was over" in comment(one)
    assert "push again" in comment(one)
    assert "reopen" not in comment(one)
    assert not one.exists
    one.push(shop())
    one.settle()
    assert one.report.state is State.RUNNING


def test_a_pull_that_is_closed_after_its_previews_end_is_told_to_be_reopened(one):
    timed(one, ttl="72h")
    one.now = one.report.expires_at
    swept(one)
    one.settle()
    one.close()
    one.settle()
    assert one.report.state is State.DELETED
    assert "reopen" in comment(one)
    assert "push again" not in comment(one)


def test_what_a_person_deleted_is_told_to_be_deployed_and_not_to_be_reopened(one):
    running_well(one)
    one.wish(Want.DELETE, person=True)
    one.settle()
    assert one.report.state is State.DELETED
    assert "/preview deploy" in comment(one)
    assert "reopen" not in comment(one)
    assert "push again" not in comment(one)


def test_what_stands_is_still_said_while_the_forge_is_away(one):
    running_well(one)
    first = one.report
    one.push(shop() + "# newer\n")
    one.world.forges["memory"], there = Away(), one.world.forges["memory"]
    assert one.turn()
    assert one.report.state is State.QUEUED
    assert one.report.sha == there.pull(one.key).head
    assert (one.report.serving, one.report.urls, one.report.outputs) == (first.serving, first.urls, first.outputs)
    one.world.forges["memory"] = there
    one.settle()
    assert one.report.state is State.RUNNING


def test_its_delete_jobs_run_when_its_time_is_over(one):
    timed(one, ttl="72h")
    one.now = one.report.expires_at
    swept(one)
    one.settle()
    assert one.steps()["run seed on delete"].state is StepState.SUCCEEDED


def test_a_preview_sleeps_when_its_time_has_come_and_the_next_push_wakes_it(one):
    timed(one, sleep="8h")
    one.now = one.report.sleeps_at
    assert [each.act for each in swept(one)] == [Act.SLEEP]
    one.settle()
    assert one.report.state is State.ASLEEP
    assert running(one) == set()
    assert "Preview is asleep" in comment(one)
    assert one.report.sleeps_at is None
    one.push(shop())
    one.settle()
    assert one.report.state is State.RUNNING


def test_a_preview_that_sleeps_still_ends(one):
    timed(one, ttl="72h", sleep="8h")
    end = one.report.expires_at
    one.now = one.report.sleeps_at
    swept(one)
    one.settle()
    assert (one.report.state, one.report.expires_at) == (State.ASLEEP, end)
    one.now = end
    swept(one)
    one.settle()
    assert one.report.state is State.DELETED


def test_what_a_person_stopped_stays_called_stopped(one):
    timed(one, sleep="8h", ttl="72h")
    one.wish(Want.STOP, person=True)
    one.settle()
    one.now += 9 * HOUR
    assert swept(one) == []
    assert one.report.state is State.STOPPED


def test_nothing_is_done_before_the_time_and_no_time_is_told_where_there_is_none(one):
    timed(one, ttl="72h", sleep="8h")
    one.now = one.report.sleeps_at - timedelta(seconds=1)
    assert swept(one) == []
    one.push(shop())
    one.settle()
    assert (one.report.sleeps_at, one.report.expires_at) == (None, None)
    one.now += 1000 * HOUR
    assert swept(one) == []


def test_the_time_begins_anew_with_each_push_and_not_with_a_refused_one(one):
    timed(one, ttl="72h")
    first = one.report.expires_at
    timed(one, ttl="72h", deploy="exit 1")
    second = one.report.expires_at
    assert (one.report.state, second > first) == (State.FAILED, True)
    one.push("version: 2\n")
    one.settle()
    assert (one.report.state, one.report.expires_at) == (State.REFUSED, second)


def test_the_comment_always_says_when_it_ends(one):
    timed(one, ttl="72h", sleep="8h")
    assert moment(one.report.sleeps_at) in comment(one)
    assert moment(one.report.expires_at) in comment(one)


def test_its_end_is_announced_once_a_day_before(one):
    timed(one, ttl="72h")
    one.now = one.report.expires_at - timedelta(days=1, seconds=1)
    assert swept(one) == []
    one.now += timedelta(seconds=1)
    assert [each.act for each in swept(one)] == [Act.ANNOUNCE]
    assert swept(one) == []
    (said,) = notices(one)
    assert moment(one.report.expires_at) in said
    assert "/preview extend" in said


def test_an_end_that_the_forge_did_not_take_is_announced_later(one):
    timed(one, ttl="72h")
    one.now = one.report.expires_at - timedelta(days=1)
    forges, one.world.forges["memory"] = one.world.forges["memory"], Away()
    assert [each.act for each in swept(one)] == [Act.WAIT]
    one.world.forges["memory"] = forges
    assert [each.act for each in swept(one)] == [Act.ANNOUNCE]


def test_a_preview_of_a_day_or_less_is_not_announced_to_end(one):
    timed(one, ttl="24h")
    one.now = one.report.expires_at - timedelta(seconds=1)
    assert swept(one) == []
    assert notices(one) == []


def test_an_extension_puts_the_end_off_and_is_told_and_announced_anew(one):
    timed(one, ttl="72h")
    end = one.report.expires_at
    one.now = end - timedelta(days=1)
    swept(one)
    assert one.world.inbox.times.extend(one.key.environment, 48 * 3600) == end + 48 * HOUR
    one.turn()
    assert one.report.expires_at == end + 48 * HOUR
    assert moment(end + 48 * HOUR) in comment(one)
    assert one.stands.lifetime.expires_at == end + 48 * HOUR
    assert one.report.state is State.RUNNING
    one.now = end
    assert swept(one) == []
    one.now = end + 24 * HOUR
    assert [each.act for each in swept(one)] == [Act.ANNOUNCE]
    assert len(notices(one)) == 2


def test_an_extension_runs_nothing_again(one):
    timed(one, ttl="72h")
    generation = one.status.lane.generation
    logged = one.world.inbox.logs.kept(one.key.environment)
    one.world.inbox.times.extend(one.key.environment, 3600)
    one.turn()
    assert one.status.lane.generation == generation
    assert one.world.inbox.logs.kept(one.key.environment) == logged


def test_a_push_does_not_shorten_what_was_put_off(one):
    timed(one, ttl="72h")
    until = one.world.inbox.times.extend(one.key.environment, 240 * 3600)
    one.settle()
    timed(one, ttl="72h")
    assert one.report.expires_at == until
    timed(one, ttl="72h")
    assert one.report.expires_at == until


def test_an_end_cannot_be_put_off_further_than_the_operator_lets_it(one):
    timed(one, ttl="72h")
    said = one.world.inbox.times.extend(one.key.environment, 5000 * 3600)
    assert isinstance(said, Ignored)
    assert moment(one.now + timedelta(days=30)) in said.why
    assert isinstance(one.world.inbox.times.extend(one.key.environment, 2 * 3600, most=70 * HOUR), Ignored)


@pytest.mark.parametrize("seconds", [0, -3600, 1e300])
def test_a_time_that_is_none_is_no_extension(one, seconds):
    timed(one, ttl="72h")
    assert isinstance(one.world.inbox.times.extend(one.key.environment, seconds), Ignored)


def test_what_never_ends_or_is_gone_or_not_known_cannot_be_extended(one):
    assert isinstance(one.world.inbox.times.extend(one.key.environment, 3600), Ignored)
    timed(one)
    assert "preview.ttl" in one.world.inbox.times.extend(one.key.environment, 3600).why
    one.close()
    one.settle()
    assert "deleted" in one.world.inbox.times.extend(one.key.environment, 3600).why


def test_a_preview_that_is_only_to_sleep_is_kept_awake(one):
    timed(one, sleep="8h")
    until = one.world.inbox.times.extend(one.key.environment, 3600)
    assert until == one.report.sleeps_at + HOUR
    one.settle()
    assert one.report.sleeps_at == until


def test_what_is_under_way_is_not_interrupted_by_the_clock(one):
    timed(one, ttl="72h")
    one.now = one.report.expires_at
    one.push(shop() + "preview: {ttl: 72h}\n")
    assert swept(one) == []
    one.settle()
    assert one.report.state is State.RUNNING


def test_a_push_that_came_with_the_end_wins(one):
    timed(one, ttl="72h")
    one.now = one.report.expires_at
    swept(one)
    one.push(shop())
    one.settle()
    assert one.report.state is State.RUNNING


def test_a_push_that_nobody_told_of_wins_over_the_end_too(one):
    timed(one, ttl="72h")
    one.now = one.report.expires_at
    one.push_untold(shop())
    swept(one)
    one.settle()
    assert one.report.state is State.RUNNING
    assert one.report.serving == one.head


def test_a_preview_ends_although_its_forge_does_not_answer(one):
    timed(one, ttl="72h")
    one.now = one.report.expires_at
    swept(one)
    one.world.forges["memory"] = Away()
    one.settle()
    assert one.report.state is State.DELETED


def test_a_dry_sweep_only_says_what_it_would_do(one):
    timed(one, ttl="72h")
    one.now = one.report.expires_at
    assert [(each.act, each.done) for each in swept(one, act=False)] == [(Act.DELETE, False)]
    assert not one.turn()


def test_its_times_survive_a_lost_database(one):
    timed(one, ttl="72h")
    until = one.world.inbox.times.extend(one.key.environment, 240 * 3600)
    one.settle()
    one.world.inbox.forget(one.key.environment)
    timed(one, ttl="72h")
    assert one.report.state is State.RUNNING
    assert one.report.expires_at == until


class Away:
    """A forge that does not answer."""

    def __getattr__(self, name: str):
        from bot.core.errors import Unavailable

        def away(*_: object, **__: object) -> None:
            raise Unavailable("the forge does not answer; try again later")

        return away
