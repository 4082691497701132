import threading
from collections import Counter

import pytest

from bot.core.deciding.outcome import Cancelled, Failed, Skipped, Succeeded
from bot.core.errors import Overtaken
from bot.core.events import Want
from bot.core.report import Report, State
from bot.inbox import Beat
from tests.inbox.pulls import key, wished

HOME = key().environment


def report(state: State, *, generation: int = 1) -> Report:
    return Report(key=key(), repository="acme/shop", generation=generation, state=state, sha=None)


def test_a_due_lane_is_claimed_once(inbox):
    inbox.wish(wished())
    claim = inbox.claim("one", lease=30)
    assert (claim.environment, claim.lane.generation, claim.owner) == (HOME, 1, "one")
    assert inbox.claim("two", lease=30) is None
    assert inbox.lane(HOME).owner == "one"


def test_nothing_is_claimed_where_nothing_is_due(inbox):
    assert inbox.claim("one", lease=30) is None


def test_the_lane_that_waits_longest_is_first(inbox, clock):
    inbox.wish(wished(number=2))
    clock.later(1)
    inbox.wish(wished(number=1))
    assert [inbox.claim("one", lease=30).lane.wish.key.number for _ in range(2)] == [2, 1]


def test_a_claim_may_ask_for_one_environment(inbox):
    inbox.wish(wished(number=1))
    inbox.wish(wished(number=2))
    assert inbox.claim("one", lease=30, environment=key(2).environment).environment == key(2).environment
    assert inbox.claim("one", lease=30, environment=key(2).environment) is None


def test_a_lease_that_is_over_can_be_taken_by_another_and_the_old_owner_stops(inbox, clock):
    inbox.wish(wished())
    old = inbox.claim("one", lease=30)
    clock.later(30)
    assert inbox.lane(HOME).owner is None
    new = inbox.claim("two", lease=30)
    assert new.lane.generation == 1
    assert not inbox.beat(old, lease=30).held
    with pytest.raises(Overtaken, match="no longer one's"):
        inbox.record(old, "build web", Succeeded(), 1.0)
    with pytest.raises(Overtaken):
        inbox.tell(old, report(State.RUNNING))
    with pytest.raises(Overtaken):
        inbox.settle(old)
    inbox.release(old)
    assert inbox.lane(HOME).owner == "two"


def test_the_same_owners_older_claim_is_told_from_its_newer_one(inbox, clock):
    inbox.wish(wished())
    old = inbox.claim("one", lease=30)
    clock.later(31)
    inbox.claim("one", lease=30)
    with pytest.raises(Overtaken):
        inbox.record(old, "build web", Succeeded(), 1.0)


def test_a_beat_keeps_the_lease_and_tells_what_is_newest(inbox, clock):
    inbox.wish(wished())
    claim = inbox.claim("one", lease=30)
    clock.later(20)
    assert inbox.beat(claim, lease=30) == Beat(held=True, generation=1, want=Want.DEPLOY)
    inbox.wish(wished(Want.DELETE))
    clock.later(20)
    assert inbox.beat(claim, lease=30) == Beat(held=True, generation=2, want=Want.DELETE)
    assert inbox.claim("two", lease=30) is None


def test_a_late_beat_takes_the_lease_back_where_nobody_else_did(inbox, clock):
    inbox.wish(wished())
    claim = inbox.claim("one", lease=30)
    clock.later(300)
    assert inbox.beat(claim, lease=30).held
    assert inbox.claim("two", lease=30) is None


def test_outcomes_come_back_as_they_were_and_a_later_one_takes_the_earlier_ones_place(inbox, clock):
    inbox.wish(wished())
    claim = inbox.claim("one", lease=30)
    given = {
        "build web": (Succeeded(image="web:1", attempts=2), 1.5),
        "run seed": (Failed(why="exit code 3", tail=("a", "b\0…"), file="Dockerfile", line=3), 2.0),
        "start web": (Skipped(why="run seed failed"), 0.0),
        "start api": (Cancelled(why="superseded"), 0.25),
    }
    for step, (outcome, seconds) in given.items():
        inbox.record(claim, step, outcome, seconds)
        clock.later(1)
    assert dict(inbox.outcomes(claim)) == given
    assert list(inbox.outcomes(claim)) == list(given)
    inbox.record(claim, "run seed", Succeeded(attempts=2), 9.0)
    assert dict(inbox.outcomes(claim)) == given | {"run seed": (Succeeded(attempts=2), 9.0)}


def test_a_newer_generation_begins_without_outcomes(inbox):
    inbox.wish(wished(commit=1))
    claim = inbox.claim("one", lease=30)
    inbox.record(claim, "build web", Succeeded(), 1.0)
    inbox.wish(wished(commit=2))
    inbox.settle(claim)
    assert inbox.outcomes(inbox.claim("one", lease=30)) == {}


def test_whoever_resumes_a_generation_finds_its_outcomes(inbox, clock):
    inbox.wish(wished())
    inbox.record(inbox.claim("one", lease=30), "build web", Succeeded(), 1.0)
    clock.later(60)
    assert list(inbox.outcomes(inbox.claim("two", lease=30))) == ["build web"]


def test_a_settled_lane_is_not_due(inbox):
    inbox.wish(wished())
    inbox.settle(inbox.claim("one", lease=30))
    status = inbox.lane(HOME)
    assert (status.lane.due, status.due_at, status.owner) == (False, None, None)
    assert inbox.claim("one", lease=30) is None


def test_a_lane_to_be_tried_again_is_due_at_that_time(inbox, clock):
    inbox.wish(wished())
    claim = inbox.claim("one", lease=30)
    again = clock.later(0).replace(hour=1)
    inbox.settle(claim, again=again)
    assert inbox.claim("one", lease=30) is None
    assert (inbox.lane(HOME).due_at, inbox.lane(HOME).lane.tries) == (again, 1)
    clock.later(3600)
    assert inbox.claim("one", lease=30).lane.tries == 1


@pytest.mark.parametrize("tries_again", [False, True])
def test_a_generation_that_came_meanwhile_is_due_at_once(inbox, clock, tries_again):
    inbox.wish(wished(commit=1))
    claim = inbox.claim("one", lease=30)
    inbox.wish(wished(commit=2))
    inbox.settle(claim, again=clock.now.replace(hour=5) if tries_again else None)
    next_claim = inbox.claim("one", lease=30)
    assert (next_claim.lane.generation, next_claim.lane.tries) == (2, 0)


def test_a_person_need_not_wait_for_the_next_try(inbox, clock):
    inbox.wish(wished(Want.DELETE))
    inbox.settle(inbox.claim("one", lease=30), again=clock.now.replace(hour=5))
    inbox.wish(wished(Want.DELETE, person=True))
    assert inbox.claim("one", lease=30).lane.generation == 2


def test_a_released_lane_is_due_now(inbox):
    inbox.wish(wished())
    inbox.release(inbox.claim("one", lease=30))
    assert inbox.claim("two", lease=30).lane.generation == 1


def test_a_release_does_not_end_another_ones_claim(inbox, clock):
    inbox.wish(wished())
    old = inbox.claim("one", lease=1)
    clock.later(2)
    inbox.claim("two", lease=30)
    inbox.release(old)
    assert inbox.claim("three", lease=30) is None


def test_the_newest_report_is_kept_with_its_state(inbox):
    inbox.wish(wished())
    claim = inbox.claim("one", lease=30)
    inbox.tell(claim, report(State.DEPLOYING))
    inbox.tell(claim, report(State.RUNNING))
    status = inbox.lane(HOME)
    assert (status.report.state, status.lane.state) == (State.RUNNING, "running")


def test_an_older_generations_report_does_not_hide_that_a_newer_one_waits(inbox):
    inbox.wish(wished(commit=1))
    claim = inbox.claim("one", lease=30)
    inbox.wish(wished(commit=2))
    inbox.tell(claim, report(State.DEPLOYING))
    status = inbox.lane(HOME)
    assert (status.report.generation, status.lane.state) == (1, "queued")


def test_a_report_of_an_older_generation_never_replaces_a_newer_one(inbox):
    inbox.wish(wished(commit=1))
    inbox.wish(wished(commit=2))
    claim = inbox.claim("one", lease=30)
    inbox.tell(claim, report(State.RUNNING, generation=2))
    inbox.tell(claim, report(State.FAILED, generation=1))
    assert inbox.lane(HOME).report.state is State.RUNNING


def test_a_forgotten_environment_leaves_nothing(inbox):
    inbox.wish(wished(Want.DELETE))
    claim = inbox.claim("one", lease=30)
    inbox.record(claim, "remove", Succeeded(), 1.0)
    with inbox.logs.begin(HOME, 1, "remove", 1) as log:
        log("gone")
    inbox.settle(claim)
    inbox.forget(HOME)
    inbox.forget(HOME)
    assert (inbox.lane(HOME), inbox.outcomes(claim), inbox.logs.kept(HOME)) == (None, {}, ())
    assert not inbox.beat(claim, lease=30).held


def test_an_environment_with_something_to_do_is_not_forgotten(inbox):
    inbox.wish(wished())
    inbox.forget(HOME)
    assert inbox.lane(HOME).lane.due


def test_threads_never_share_a_lane(inbox):
    for number in range(1, 61):
        inbox.wish(wished(number=number))
    claimed: list[str] = []

    def work(owner: str) -> None:
        while claim := inbox.claim(owner, lease=300):
            claimed.append(claim.environment)

    threads = [threading.Thread(target=work, args=(f"worker {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(claimed) == {key(number).environment: 1 for number in range(1, 61)}


def test_a_wait_ends_when_a_wish_is_stored(inbox):
    inbox.claim("one", lease=30)
    waiting = threading.Thread(target=inbox.wait, args=(60.0,))
    waiting.start()
    inbox.wish(wished())
    waiting.join(timeout=10)
    assert not waiting.is_alive()


def test_a_wish_between_a_claim_and_the_wait_is_not_missed(inbox):
    assert inbox.claim("one", lease=30) is None
    inbox.wish(wished())
    inbox.wait(60.0)
    assert inbox.claim("one", lease=30) is not None


def test_a_wait_ends_without_a_wish(inbox):
    inbox.wait(0.01)


def test_a_bot_serves_until_it_leaves_or_its_word_runs_out(inbox, clock):
    assert not inbox.served()
    inbox.serving("one", lease=30)
    inbox.serving("one", lease=60)
    clock.later(50)
    assert inbox.served()
    inbox.serving("two", lease=30)
    inbox.leave("one")
    assert inbox.served()
    inbox.leave("two")
    assert not inbox.served()
    inbox.serving("two", lease=30)
    clock.later(31)
    assert not inbox.served()
