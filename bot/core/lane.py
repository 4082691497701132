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
    if deleted_by_hand(lane) and not (wish.person or wish.reopens) and wish.want is not Want.DELETE:
        return Ignored(f"{lane.wish.actor} deleted this preview; a reopen or the command deploy brings it back")
    if _same(lane.wish, wish) and (lane.due or not wish.person):
        return Ignored("it is under way already" if lane.due else "it is so already")
    return replace(lane, wish=wish, generation=lane.generation + 1, tries=0, state="queued")


def deleted_by_hand(lane: Lane) -> bool:
    """Whether a person's word keeps this preview away from pushes."""
    return lane.wish.person and lane.wish.want is Want.DELETE


def _same(old: Wish, new: Wish) -> bool:
    return (old.want, old.sha) == (new.want, new.sha) and new.person <= old.person
