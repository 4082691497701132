"""What a turn is really for once the pull was read, and when one that could not be ended is taken again."""

from dataclasses import replace

from bot.core.events import NOBODY, Pull, Want, Wish
from bot.core.report import State

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
    if wish.want is Want.DEPLOY and wish.sha == pull.head:
        return wish
    if wish.want is not Want.DEPLOY:
        wish = replace(wish, actor_id=NOBODY)  # whoever closed it gave no word for what is there now
    return replace(wish, want=Want.DEPLOY, sha=pull.head, why=f"the pull's head is {pull.head[:7]}")


def shown(state: State, tries: int) -> tuple[State, str]:
    """What a turn's end is shown as, and what is to be said of it, after so many tries before it."""
    if state is not State.DELETE_FAILED or tries + 1 >= PATIENCE:
        return state, ""
    return State.DELETING, f"try {tries + 1} of {PATIENCE} failed; the next one begins in {pause(tries):.0f} s"


def pause(tries: int) -> float:
    """Seconds until a turn that could not be ended is taken again: 5, 10, 20, 40 … up to an hour."""
    return float(min(5 * 2 ** min(tries, 20), 3600))
