from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import events
from bot.core.deciding.lane import MOST, Lane, deleted_by_hand, settle, take
from bot.core.deciding.turns import actual
from bot.core.errand import Cancel, Force, Reset
from bot.core.events import ActorId, Event, Happening, Ignored, Pull, PullKey, Want, Wish
from bot.core.model import JobEvent
from bot.core.names import Name, Sha

KEY = PullKey(forge="github", repository="17", number=1)


def wished(want: Want = Want.DEPLOY, *, commit: int | None = 1, person: bool = False, reopens: bool = False) -> Wish:
    return Wish(
        key=KEY,
        repository="acme/shop",
        want=want,
        sha=Sha(f"{commit:040x}") if commit is not None and want is Want.DEPLOY else None,
        actor="grace" if person else "ada",
        why="",
        person=person,
        reopens=reopens,
    )


def event(happening: Happening, commit: int = 1) -> Wish:
    told = Event(
        delivery="d", happening=happening, key=KEY, repository="acme/shop", sha=Sha(f"{commit:040x}"), actor="ada"
    )
    return events.wish(told)


def after(*wishes: Wish, settled: bool = False) -> Lane:
    lane: Lane | None = None
    for wish in wishes:
        taken = take(lane, wish)
        lane = taken if isinstance(taken, Lane) else lane
    assert lane is not None
    return replace(lane, settled=lane.generation) if settled else lane


def sent(job: int = 0) -> Wish:
    errand = Force(job=Name(f"job{job}"), event=JobEvent.DEPLOY)
    return replace(wished(Want.ERRAND, person=True), errand=errand)


CANCEL = replace(wished(Want.ERRAND, person=True), errand=Cancel(), why="grace said so")
COMMAND = wished(person=True)
STOP = wished(Want.STOP)
STOP_COMMAND = wished(Want.STOP, person=True)
DELETE = wished(Want.DELETE)
DELETE_COMMAND = wished(Want.DELETE, person=True)
PUSH = event(Happening.PUSHED)
NEWER_PUSH = event(Happening.PUSHED, commit=2)
OPENED = event(Happening.OPENED)
REOPENED = event(Happening.REOPENED)
CLOSED = event(Happening.CLOSED)


@pytest.mark.parametrize(
    ("lane", "wish", "generation"),
    [
        pytest.param(after(PUSH), NEWER_PUSH, 2, id="a newer commit replaces what runs"),
        pytest.param(after(PUSH), CLOSED, 2, id="a close outruns a deploy"),
        pytest.param(after(CLOSED), PUSH, 2, id="a late push is looked at: the turn finds the pull closed"),
        pytest.param(after(PUSH, settled=True), COMMAND, 2, id="a person deploys the same commit again"),
        pytest.param(after(DELETE, settled=True), DELETE_COMMAND, 2, id="a person deletes what an event deleted"),
        pytest.param(after(DELETE_COMMAND, settled=True), DELETE_COMMAND, 2, id="a person deletes again"),
        pytest.param(after(DELETE_COMMAND), REOPENED, 2, id="a reopen ends a person's delete"),
        pytest.param(after(DELETE_COMMAND, settled=True), COMMAND, 2, id="a command ends a person's delete"),
        pytest.param(after(DELETE, settled=True), NEWER_PUSH, 2, id="a push after the time to live deploys"),
        pytest.param(after(STOP, settled=True), PUSH, 2, id="a push wakes what sleeps"),
        pytest.param(after(STOP_COMMAND, settled=True), PUSH, 2, id="a push starts what a person stopped"),
        pytest.param(after(PUSH), event(Happening.READY), 2, id="a turn may have seen the draft"),
        pytest.param(after(PUSH, settled=True), event(Happening.READY), 2, id="a draft that was skipped is ready"),
        pytest.param(after(PUSH, settled=True), event(Happening.RETARGETED), 2, id="another base, the same commit"),
        pytest.param(after(PUSH), REOPENED, 2, id="a turn may have seen the pull closed"),
        pytest.param(replace(after(DELETE), tries=1), DELETE_COMMAND, 2, id="a person need not wait for a next try"),
    ],
)
def test_a_wish_that_counts_begins_a_generation(lane, wish, generation):
    taken = take(lane, wish)
    assert isinstance(taken, Lane)
    assert (taken.generation, taken.wish, taken.tries, taken.state, taken.due) == (generation, wish, 0, "queued", True)


@pytest.mark.parametrize(
    ("lane", "wish", "why"),
    [
        pytest.param(after(PUSH), PUSH, "github-17-1 is under way already", id="repeated while it waits"),
        pytest.param(after(PUSH), COMMAND, "github-17-1 is under way already", id="a person asks for what runs"),
        pytest.param(
            after(PUSH), wished(commit=None, person=True), "github-17-1 is under way already", id="the newest runs"
        ),
        pytest.param(after(PUSH, settled=True), PUSH, "it is so already", id="repeated after it was done"),
        pytest.param(after(PUSH, settled=True), OPENED, "it is so already", id="opened after its push"),
        pytest.param(after(STOP, settled=True), STOP, "it is so already", id="asleep twice"),
        pytest.param(after(DELETE), STOP, "it is being deleted", id="a delete outruns a stop"),
        pytest.param(
            after(DELETE_COMMAND, settled=True), STOP_COMMAND, "it is deleted: there is nothing to stop", id="deleted"
        ),
        pytest.param(after(DELETE_COMMAND, settled=True), CLOSED, "it is so already", id="closed after a delete"),
        pytest.param(
            after(DELETE_COMMAND, settled=True),
            NEWER_PUSH,
            "grace deleted this preview; a reopen or the command deploy brings it back",
            id="a push after a person's delete",
        ),
    ],
)
def test_a_wish_that_changes_nothing_says_why(lane, wish, why):
    taken = take(lane, wish)
    assert isinstance(taken, Ignored)
    assert taken.why == why


def test_a_person_who_deletes_what_a_close_deletes_has_the_last_word_without_a_second_delete():
    lane = take(after(CLOSED), DELETE_COMMAND)
    assert isinstance(lane, Lane)
    assert (lane.generation, deleted_by_hand(lane)) == (1, True)


wishes = st.one_of(
    st.builds(
        wished,
        st.sampled_from([Want.DEPLOY, Want.STOP, Want.DELETE]),
        commit=st.one_of(st.none(), st.integers(0, 3)),
        person=st.booleans(),
    ),
    st.builds(event, st.sampled_from(Happening), st.integers(0, 3)),
    st.builds(sent, st.integers(0, 3)),
    st.just(CANCEL),
)
acts = st.lists(st.one_of(wishes, st.sampled_from(["settle", "try again"])), max_size=30)


def lives(acts: list[Wish | str]) -> list[tuple[Lane | None, Wish, Lane | Ignored]]:
    """(before, wish, what became of it) for every wish, with turns ending in between."""
    lane: Lane | None = None
    seen = []
    for act in acts:
        if isinstance(act, Wish):
            taken = take(lane, act)
            seen.append((lane, act, taken))
            lane = taken if isinstance(taken, Lane) else lane
        elif lane is not None and lane.due:
            lane = settle(lane) if act == "settle" else replace(lane, tries=lane.tries + 1)
    return seen


@given(acts)
def test_a_generation_never_falls_and_grows_by_one(acts):
    for before, _, taken in lives(acts):
        if before is not None and isinstance(taken, Lane):
            assert taken.generation - before.generation in (0, 1)
            assert taken.settled == before.settled


@given(acts)
def test_a_due_lane_stays_due_whatever_is_wished(acts):
    assert all(taken.due for before, _, taken in lives(acts) if before and before.due and isinstance(taken, Lane))


@given(acts)
def test_what_is_ignored_is_so_or_is_under_way_or_is_kept_away_by_a_delete(acts):
    for before, wish, taken in lives(acts):
        if isinstance(taken, Ignored):
            if before is None:
                assert wish.want is Want.ERRAND
                continue
            if wish == CANCEL:
                down = before.current.want in (Want.STOP, Want.DELETE)
                assert down or not before.due or isinstance(before.current.errand, Cancel)
                continue
            known = before.wish.want is wish.want or before.wish.want is Want.DELETE
            assert known or wish.errand in {each.errand for each in (before.current, *before.queue)}


@given(acts)
def test_a_newer_commit_is_never_ignored_unless_a_person_deleted(acts):
    for before, wish, taken in lives(acts):
        if before and wish.want is Want.DEPLOY and wish.sha not in (before.wish.sha, None):
            assert isinstance(taken, Lane) or deleted_by_hand(before)


@given(acts)
def test_a_delete_is_never_lost_to_anything_but_a_deploy(acts):
    for before, wish, taken in lives(acts):
        if before and before.wish.want is Want.DELETE and isinstance(taken, Lane):
            assert taken.wish.want is Want.DELETE or wish.want is Want.DEPLOY


@given(acts)
def test_what_a_person_deleted_stays_so_until_a_deploy_by_hand_or_a_reopen(acts):
    for before, wish, taken in lives(acts):
        if before and deleted_by_hand(before) and isinstance(taken, Lane) and not deleted_by_hand(taken):
            assert wish.want is Want.DEPLOY
            assert wish.person or wish.reopens


@given(acts)
def test_an_equal_wish_of_a_person_counts_after_the_end_only(acts):
    for before, wish, taken in lives(acts):
        if before and wish.person and wish == before.wish and not before.tries:
            refused = isinstance(taken, Ignored)
            assert refused == before.unreached or wish.want is Want.STOP


@given(acts)
def test_the_same_delivery_once_more_makes_no_new_generation_unless_something_else_changed(acts):
    for before, wish, taken in lives(acts):
        if before and wish == before.wish and not (wish.person or wish.afresh or wish.glance):
            assert isinstance(taken, Ignored)


def test_in_whatever_order_events_come_the_last_wish_of_a_pull_is_waiting():
    told = [event(Happening.OPENED, 1), event(Happening.PUSHED, 2), event(Happening.PUSHED, 3), CLOSED]
    for order in permutations(told):
        lane = after(*order)
        assert lane.due
        assert lane.wish == order[-1]


def test_an_errand_waits_for_what_runs_and_is_next():
    lane = after(PUSH, sent())
    assert (lane.current, lane.queue, lane.generation) == (PUSH, (sent(),), 1)
    lane = settle(lane)
    assert (lane.current, lane.queue, lane.generation, lane.due) == (sent(), (), 2, True)
    assert not settle(lane).due


@pytest.mark.parametrize("wish", [NEWER_PUSH, COMMAND, STOP_COMMAND], ids=["push", "deploy", "stop"])
def test_an_errand_that_is_under_way_is_let_finish_and_the_newest_wish_is_next(wish):
    lane = after(PUSH, settled=True)
    for each in (sent(), sent(1), PUSH, wish):
        taken = take(lane, each)
        lane = taken if isinstance(taken, Lane) else lane
    assert (lane.current, lane.generation) == (sent(), 2)
    lane = settle(lane)
    assert (lane.current, lane.generation, lane.queue) == (wish, 3, (sent(1),))
    assert settle(lane).current == sent(1)


def test_a_delete_outruns_every_errand():
    lane = after(PUSH, settled=True)
    for each in (sent(), sent(1), CLOSED):
        taken = take(lane, each)
        assert isinstance(taken, Lane)
        lane = taken
    assert (lane.current, lane.generation, lane.queue) == (CLOSED, 3, ())


@pytest.mark.parametrize("lane", [None, after(CLOSED), after(DELETE_COMMAND, settled=True)])
def test_an_errand_needs_something_that_stands_and_says_what_brings_it(lane):
    taken = take(lane, sent())
    assert isinstance(taken, Ignored)
    assert taken.why == "nothing stands in github-17-1; a deploy brings it up first"


def test_a_cancel_ends_what_is_under_way_and_drops_what_waits():
    lane = after(PUSH, sent(), CANCEL)
    assert (lane.generation, lane.wish, lane.queue, lane.unreached) == (2, PUSH, (), False)
    assert lane.current == replace(CANCEL, why="grace said so, which ended the deploy of 0000000")
    assert not settle(lane).due


def test_a_cancel_of_an_errand_names_it_and_drops_the_wish_that_waits_behind_it():
    lane = after(PUSH, settled=True)
    for each in (sent(), STOP_COMMAND, CANCEL):
        taken = take(lane, each)
        assert isinstance(taken, Lane)
        lane = taken
    assert lane.current.why.endswith("which ended `run job0 on deploy`")
    assert not settle(lane).due


def test_after_a_cancel_a_push_and_a_person_deploy_again_and_a_late_delivery_does_not():
    lane = settle(after(PUSH, CANCEL))
    assert isinstance(take(lane, PUSH), Ignored)
    assert all(isinstance(take(lane, each), Lane) for each in (NEWER_PUSH, COMMAND, STOP, DELETE))


def test_a_push_that_comes_while_something_is_being_cancelled_is_next():
    lane = after(PUSH, CANCEL, NEWER_PUSH)
    assert isinstance(lane.current.errand, Cancel)
    assert settle(lane).current == NEWER_PUSH


@pytest.mark.parametrize(
    ("lane", "why"),
    [
        pytest.param(None, "nothing is under way in github-17-1", id="never heard of"),
        pytest.param(after(PUSH, settled=True), "nothing is under way in github-17-1", id="at rest"),
        pytest.param(
            after(PUSH, CANCEL), "what was under way in github-17-1 is being cancelled already", id="cancelled"
        ),
        pytest.param(after(STOP), "a stop is let end; a deploy takes over from it", id="a stop"),
        pytest.param(after(DELETE_COMMAND), "a delete is let end; a deploy takes over from it", id="a delete"),
    ],
)
def test_what_cannot_be_cancelled_says_why(lane, why):
    assert take(lane, CANCEL) == Ignored(why)


def test_the_same_errand_is_not_queued_twice_and_the_queue_has_an_end():
    lane = after(PUSH, *(sent(number) for number in range(MOST)))
    assert len(lane.queue) == MOST
    assert isinstance(take(lane, sent(0)), Ignored)
    assert isinstance(take(lane, sent(MOST)), Ignored)


def test_a_reset_that_was_not_done_is_not_lost_to_a_newer_commit():
    reset = replace(COMMAND, errand=Reset())
    lane = after(PUSH, reset, NEWER_PUSH)
    assert (lane.wish.sha, lane.wish.errand) == (NEWER_PUSH.sha, Reset())
    done = replace(after(PUSH, reset), settled=2)
    newer = take(done, NEWER_PUSH)
    assert isinstance(newer, Lane)
    assert newer.wish.errand is None


def test_a_forced_delete_counts_while_a_delete_is_tried_again():
    lane = take(after(DELETE_COMMAND), replace(DELETE_COMMAND, force=True))
    assert isinstance(lane, Lane)
    assert (lane.generation, lane.wish.force) == (2, True)


@given(acts)
def test_no_errand_is_lost_but_to_a_delete_or_a_cancel_and_none_is_done_twice(acts):
    lane, asked, done = None, [], []
    for act in acts:
        if isinstance(act, Wish):
            taken = take(lane, act)
            lane = taken if isinstance(taken, Lane) else lane
            if isinstance(taken, Lane) and act.want is Want.ERRAND:
                asked.append(act.errand)
            if isinstance(taken, Lane) and act.want is Want.DELETE:
                asked = list(done)
            if isinstance(taken, Lane) and act == CANCEL:
                asked = [*done, Cancel()]
        elif act == "settle" and lane is not None and lane.due:
            done += [lane.errand.errand] if lane.errand else []
            lane = settle(lane)
    waiting = [] if lane is None else [each.errand for each in (lane.errand, *lane.queue) if each]
    assert done + waiting == asked


LABELLED = event(Happening.LABELLED)
DRAFTED = event(Happening.DRAFTED)


def test_a_label_lets_a_deploy_of_the_same_commit_end_and_is_looked_at_then():
    lane = after(PUSH, LABELLED)
    assert (lane.generation, lane.wish) == (1, PUSH)
    then = settle(lane)
    assert (then.generation, then.wish, then.due, then.glance) == (2, LABELLED, True, None)
    assert not settle(then).due


def test_a_draft_does_not_wait():
    lane = after(PUSH, DRAFTED)
    assert (lane.generation, lane.wish.undone) == (2, True)


def test_a_label_on_what_rests_is_looked_at_at_once_and_took_nothings_place():
    lane = take(after(PUSH, settled=True), LABELLED)
    assert isinstance(lane, Lane)
    assert (lane.generation, lane.wish, lane.wish.undone) == (2, LABELLED, False)


def test_a_label_on_what_waits_for_its_next_try_is_looked_at_at_once_but_not_only_looked_at():
    lane = take(replace(after(PUSH), tries=1), LABELLED)
    assert isinstance(lane, Lane)
    assert (lane.generation, lane.wish.undone) == (2, True)


def test_a_push_that_comes_after_a_label_looks_for_both():
    assert settle(after(PUSH, LABELLED, NEWER_PUSH)).due is False


def test_a_label_finds_the_end_of_an_errand_and_of_what_waits_behind_it():
    lane = settle(after(PUSH, LABELLED, sent()))
    assert (lane.wish, lane.errand) == (LABELLED, None)
    assert settle(lane).errand == sent()


def test_a_persons_word_is_not_lost_to_a_push_that_comes_before_it_was_carried_out():
    lane = after(COMMAND, NEWER_PUSH)
    assert (lane.wish.sha, lane.wish.by_hand, lane.wish.person) == (NEWER_PUSH.sha, True, False)
    assert not after(replace(COMMAND), settled=True).wish.by_hand
    done = take(after(COMMAND, settled=True), NEWER_PUSH)
    assert isinstance(done, Lane)
    assert not done.wish.by_hand


def test_a_persons_word_ends_with_a_close():
    assert not after(COMMAND, CLOSED, event(Happening.REOPENED)).wish.by_hand


def test_what_is_to_go_for_good_goes_though_a_delete_waits_already():
    final = replace(DELETE, final=True)
    lane = after(DELETE, final)
    assert (lane.generation, lane.wish.final) == (2, True)
    assert isinstance(take(lane, final), Ignored)


def test_a_final_delete_holds_whatever_the_forge_shows():
    pull = Pull(
        key=KEY,
        repository="acme/shop",
        branch="b",
        head=Sha("a" * 40),
        base="main",
        author="ana",
        open=True,
        fork=False,
    )
    assert actual(replace(DELETE, final=True), pull) == replace(DELETE, final=True)
    assert actual(DELETE, pull).want is Want.DEPLOY


ADA, GRACE = ActorId("1"), ActorId("2")


def test_a_refused_commit_is_looked_at_again_when_somebody_else_tells_of_it():
    refused = replace(after(replace(PUSH, actor_id=ADA), settled=True), state="refused")
    assert isinstance(take(refused, replace(PUSH, actor_id=GRACE)), Lane)
    assert isinstance(take(refused, replace(PUSH, actor_id=ADA)), Ignored)
    assert isinstance(take(replace(refused, state="running"), replace(PUSH, actor_id=GRACE)), Ignored)


def test_somebody_elses_word_for_a_commit_is_looked_at_where_the_turn_under_way_refuses_it():
    under_way = take(after(replace(OPENED, actor_id=ADA)), replace(PUSH, actor_id=GRACE))
    assert isinstance(under_way, Lane)
    assert under_way.generation == 1
    again = settle(replace(under_way, state="refused"))
    assert again.due
    assert again.wish.actor_id == GRACE
    done = settle(replace(under_way, state="running"))
    assert not done.due
    assert done.glance is None


def test_somebody_elses_word_is_not_needed_once_the_commit_is_deployed():
    deploying = replace(after(replace(OPENED, actor_id=ADA)), state="deploying")
    assert isinstance(take(deploying, replace(PUSH, actor_id=GRACE)), Ignored)
    assert isinstance(take(after(replace(OPENED, actor_id=ADA)), replace(PUSH, actor_id=ADA)), Ignored)
