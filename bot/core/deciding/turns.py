"""What a turn is really for once the pull was read, and when one that could not be ended is taken again."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from bot.core.deciding.lane import Lane
from bot.core.events import NOBODY, Pull, Want, Wish
from bot.core.lifetime import Lifetime, begun
from bot.core.names import Sha
from bot.core.report import Report, State
from bot.core.standing import Standing

PATIENCE = 3
"""How often a delete is tried before it stands as one that failed; it goes on being tried after that."""


def actual(wish: Wish, pull: Pull | None) -> Wish:
    """The wish as the pull is now: events are hints, late or out of order; only a person's word stands by itself."""
    if wish.final or wish.want is Want.ERRAND or (wish.person and wish.want is not Want.DEPLOY):
        return wish
    if pull is None:
        return wish  # a forge that shows us nothing may only have taken our rights away: no reason to delete
    if not pull.open:
        return wish if wish.want is Want.DELETE else replace(wish, want=Want.DELETE, sha=None, why="the pull is closed")
    if wish.sha == pull.head and (wish.lapsed or wish.want is Want.DEPLOY):
        return wish
    if wish.want is not Want.DEPLOY:
        wish = replace(wish, actor_id=NOBODY)  # whoever closed it gave no word for what is there now
    return replace(wish, want=Want.DEPLOY, sha=pull.head, why=f"the pull's head is {pull.head[:7]}")


def shown(state: State, wish: Wish, tries: int) -> tuple[State, str]:
    """What a turn's end is shown as, and what is to be said of it, after so many tries before it."""
    if wish.lapsed and state in (State.STOPPED, State.DELETED):
        return (State.ASLEEP if state is State.STOPPED else state), wish.why
    if state is not State.DELETE_FAILED or tries + 1 >= PATIENCE:
        return state, ""
    return State.DELETING, f"try {tries + 1} of {PATIENCE} failed; the next one begins in {pause(tries):.0f} s"


def told(lane: Lane, report: Report | None) -> Sha | None:
    """The newest commit that it was told of; None where nobody said one."""
    return lane.wish.sha or (report.sha if report else None)


def lapsed(lane: Lane, report: Report | None, want: Want) -> Wish:
    """What is wanted of an environment whose time is over."""
    return Wish(
        key=lane.wish.key,
        repository=lane.wish.repository,
        want=want,
        sha=told(lane, report),
        actor="matinee",
        why="its time to live was over" if want is Want.DELETE else "its time to sleep had come",
        lapsed=True,
    )


def lifetime(wish: Wish, state: State, stands: Standing | None, before: Lifetime, now: datetime) -> Lifetime:
    """The times of an environment after a turn that ended so."""
    match wish.want:
        case Want.DEPLOY:
            if stands is None or stands.spec is None or state not in (State.RUNNING, State.FAILED):
                return before
            return begun(stands.spec.preview, _kept(before, stands.lifetime), now)
        case Want.STOP:
            return replace(before, sleeps_at=None)
        case Want.DELETE:
            return Lifetime()
        case Want.ERRAND:
            return before
        case _:
            assert_never(wish.want)


def _kept(here: Lifetime, there: Lifetime) -> Lifetime:
    """What somebody asked for before the database was lost is remembered with the environment."""
    return here if here.kept_until else replace(here, kept_until=there.kept_until)


def pause(tries: int) -> float:
    """Seconds until a turn that could not be ended is taken again: 5, 10, 20, 40 … up to an hour."""
    return float(min(5 * 2 ** min(tries, 20), 3600))
