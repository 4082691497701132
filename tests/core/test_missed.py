"""What a lane was not told, told from the pull as it is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.deciding.lane import Lane, take
from bot.core.deciding.missed import FEW, closed, ends, key_parts, missed, seen, stands, too_many
from bot.core.events import ActorId, Pull, PullKey, Want, Wish
from bot.core.names import Sha

KEY = PullKey(forge="github", repository="17", number=7)
LOST = ", and no delivery told of it"
HEAD, OLD = Sha("b" * 40), Sha("a" * 40)
PULL = Pull(
    key=KEY,
    repository="acme/shop",
    branch="feature",
    head=HEAD,
    base="main",
    author="ana",
    author_id=ActorId("9000"),
    open=True,
    fork=False,
)


def lane(want: Want, *, sha: Sha | None = None, due: bool = False, **more: bool) -> Lane:
    wish = Wish(key=KEY, repository="acme/shop", want=want, sha=sha, actor="bea", why="so", **more)
    return Lane(wish=wish, generation=3, settled=2 if due else 3)


CASES = {
    "never told of": (None, True),
    "told of its head": (lane(Want.DEPLOY, sha=HEAD), False),
    "told of an older one": (lane(Want.DEPLOY, sha=OLD), True),
    "an older one is under way": (lane(Want.DEPLOY, sha=OLD, due=True), True),
    "told of the newest, whichever": (lane(Want.DEPLOY), False),
    "asleep at its head": (lane(Want.STOP, sha=HEAD, lapsed=True), False),
    "asleep at an older one": (lane(Want.STOP, sha=OLD, lapsed=True), True),
    "being stopped": (lane(Want.STOP, sha=OLD, due=True), False),
    "deleted at its end": (lane(Want.DELETE, sha=HEAD, lapsed=True), False),
    "deleted at its end, and pushed to": (lane(Want.DELETE, sha=OLD, lapsed=True), True),
    "deleted by a close": (lane(Want.DELETE), True),
    "being deleted": (lane(Want.DELETE, due=True), False),
    "deleted by a person": (lane(Want.DELETE, person=True), False),
}


@pytest.mark.parametrize(("known", "is_missed"), CASES.values(), ids=CASES)
def test_a_deploy_is_missed_where_the_pull_is_ahead_of_what_was_told(known, is_missed):
    wish = missed(known, None, PULL)
    assert (wish is not None) == is_missed
    if wish is not None:
        assert (wish.want, wish.sha, wish.actor, wish.actor_id) == (Want.DEPLOY, HEAD, "ana", "9000")
        assert not any((wish.person, wish.lapsed, wish.reopens))


def test_what_was_missed_is_missed_no_more_once_it_is_wished_for():
    for known, _ in CASES.values():
        if wish := missed(known, None, PULL):
            assert missed(Lane(wish=wish, generation=1), None, PULL) is None


BESIDE = {
    "nothing": ({}, None),
    "a label": ({"labels": frozenset({"preview"})}, "labelled"),
    "a label less": ({"labels": frozenset()}, "unlabelled"),
    "a draft now": ({"draft": True}, "converted to a draft"),
    "ready now": ({"draft": False}, "ready for review"),
    "another base": ({"base": "next"}, "its base changed"),
    "another base, and a draft": ({"base": "next", "draft": True}, "its base changed"),
    "a forge without labels": ({"labels": None}, None),
}


@pytest.mark.parametrize(("change", "why"), BESIDE.values(), ids=BESIDE)
def test_what_changed_beside_the_commit_is_missed_as_if_its_event_had_come(change, why):
    before = replace(PULL, labels=frozenset({"wip"}), draft=not change.get("draft", True))
    now = replace(before, **change)
    wish = missed(lane(Want.DEPLOY, sha=HEAD), None, now, seen(before, None))
    assert (wish.why if wish else None) == (why and (why if "base" in why else f"the pull was {why}") + LOST)
    if wish is not None:
        assert (wish.want, wish.sha, wish.actor_id, wish.person) == (Want.DEPLOY, HEAD, "9000", False)
        assert wish.glance == ("label" in why or "draft" in why)
        assert isinstance(take(lane(Want.DEPLOY, sha=HEAD), wish), Lane)


UNTOLD = {
    "its turn is still to come": lane(Want.DEPLOY, sha=HEAD, due=True),
    "a person deleted it": lane(Want.DELETE, person=True),
}


@pytest.mark.parametrize("known", UNTOLD.values(), ids=UNTOLD)
def test_what_changed_beside_the_commit_is_nothing_to_a_lane_that_looks_itself_or_stays_away(known):
    assert missed(known, None, replace(PULL, draft=True), seen(PULL, None)) is None


def test_a_lane_of_which_nothing_was_seen_misses_nothing_beside_the_commit():
    assert missed(lane(Want.DEPLOY, sha=HEAD), None, replace(PULL, draft=True)) is None


def test_only_the_loss_of_the_label_that_it_needs_ends_a_preview():
    had = seen(replace(PULL, labels=frozenset({"Preview", "wip"})), "preview")
    there = lane(Want.DEPLOY, sha=HEAD)
    assert ends(there, PULL, had)
    assert not ends(there, replace(PULL, labels=frozenset({"preview"})), had)
    assert not ends(there, PULL, seen(replace(PULL, labels=frozenset({"wip"})), "preview"))
    assert not ends(there, PULL, seen(PULL, None))
    assert not ends(lane(Want.DELETE), PULL, had)
    assert not ends(None, PULL, None)


def test_a_closed_pull_wants_a_delete_by_its_author():
    wish = closed(replace(PULL, open=False))
    assert (wish.want, wish.actor, wish.person) == (Want.DELETE, "ana", False)
    assert not stands(Lane(wish=wish, generation=1))


@given(deletes=st.integers(0, 500), standing=st.integers(0, 500), percent=st.integers(1, 100))
def test_more_than_a_few_and_more_than_the_share_wait_for_a_word(deletes, standing, percent):
    why = too_many(deletes, standing, percent=percent)
    assert bool(why) == (deletes > FEW and deletes > standing * percent / 100)


def test_an_environment_is_named_after_its_pull():
    assert PullKey(**dict(zip(("forge", "repository", "number"), key_parts(KEY.environment), strict=True))) == KEY
