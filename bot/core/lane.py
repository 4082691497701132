"""One lane per environment: which wish counts, and when a new generation begins."""

from dataclasses import dataclass, replace

from bot.core.events import Ignored, Want, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What is wanted of one environment. A generation above `settled` waits or is being carried out."""

    wish: Wish
    generation: int
    settled: int = 0
    tries: int = 0
    """Turns of this generation that ended and have to be repeated."""
    state: str = "queued"

    @property
    def due(self) -> bool:
        """Whether something is still to be done."""
        return self.generation > self.settled


def take(lane: Lane | None, wish: Wish) -> Lane | Ignored:
    """The lane after one more wish, or why the wish changes nothing."""
    if lane is None:
        return Lane(wish=wish, generation=1)
    if why := _objection(lane, wish):
        return Ignored(why)
    if not _same(lane.wish, wish) or _counts_again(lane, wish):
        return replace(lane, wish=wish, generation=lane.generation + 1, tries=0, state="queued")
    if wish.want is Want.DELETE and wish.person and not lane.wish.person:
        # What runs is what the person wants, but from now on it is a person's word.
        return replace(lane, wish=wish)
    return Ignored("it is under way already" if lane.due else "it is so already")


def deleted_by_hand(lane: Lane) -> bool:
    """Whether a person's word keeps this preview away from pushes."""
    return lane.wish.person and lane.wish.want is Want.DELETE


def _objection(lane: Lane, wish: Wish) -> str | None:
    if lane.wish.want is Want.DELETE and wish.want is Want.STOP:
        return "it is being deleted" if lane.due else "it is deleted: there is nothing to stop"
    if deleted_by_hand(lane) and wish.want is Want.DEPLOY and not (wish.person or wish.reopens):
        return f"{lane.wish.actor} deleted this preview; a reopen or the command deploy brings it back"
    return None


def _counts_again(lane: Lane, wish: Wish) -> bool:
    """An equal wish counts where what it wished for has ended, or may have begun before what it tells of."""
    return wish.afresh or (wish.person and (lane.tries > 0 or not lane.due))


def _same(old: Wish, new: Wish) -> bool:
    """Which commit is asked of a deploy only; a wish without one means the newest, which a turn finds out itself."""
    return old.want is new.want and (new.want is not Want.DEPLOY or new.sha in (old.sha, None))
