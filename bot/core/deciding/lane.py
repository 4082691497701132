"""One lane per environment: which wish counts, what is carried out now, and when a new generation begins."""

from dataclasses import dataclass, replace

from bot.core.deciding.plan import step_id
from bot.core.errand import Cancel, Reset
from bot.core.events import Ignored, Want, Wish
from bot.core.report import State

MOST = 20
"""How many errands may wait in one lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What is wanted of one environment. A generation above `settled` waits or is being carried out."""

    wish: Wish
    """The state that is wanted."""
    generation: int
    settled: int = 0
    tries: int = 0
    """Turns of this generation that ended and have to be repeated."""
    state: str = "queued"
    errand: Wish | None = None
    """What this generation does in place of `wish`, with the environment as it is."""
    pending: bool = False
    """`wish` came while the errand was under way, and is next."""
    queue: tuple[Wish, ...] = ()
    """Errands that wait."""
    glance: Wish | None = None
    """What may have changed while the wanted state is brought about; looked at once that has ended.

    Or somebody else's word for the same commit; looked at where it ends with a refusal.
    """

    @property
    def due(self) -> bool:
        """Whether something is still to be done."""
        return self.generation > self.settled

    @property
    def current(self) -> Wish:
        """What this generation carries out."""
        return self.errand or self.wish

    @property
    def unreached(self) -> bool:
        """Whether the wanted state waits or is being brought about."""
        return self.pending or (self.due and self.errand is None)


def take(lane: Lane | None, wish: Wish) -> Lane | Ignored:
    """The lane after one more wish, or why the wish changes nothing."""
    if wish.want is Want.ERRAND:
        return _sent(lane, wish)
    if lane is None:
        return Lane(wish=wish, generation=1)
    if objection := _objection(lane, wish):
        return objection
    if _can_wait(lane, wish):
        return replace(lane, glance=wish)
    if _may_be_missing(lane, wish):
        return replace(lane, glance=lane.glance or wish)
    if not _same(lane.wish, wish) or _counts_again(lane, wish):
        return _wanted(lane, wish)
    if wish.want is Want.DELETE and wish.person and not lane.wish.person:
        # What runs is what the person wants, but from now on it is a person's word.
        return replace(lane, wish=wish)
    return Ignored(f"{wish.key.environment} is under way already" if lane.unreached else "it is so already")


def settle(lane: Lane) -> Lane:
    """The lane after its generation was carried out: what waits is next, the wanted state before errands."""
    rests = replace(lane, settled=lane.generation, errand=None, pending=False)
    if lane.pending:
        return _begun(rests)
    if lane.glance is not None and lane.errand is None:
        rests = replace(rests, glance=None)
        if lane.glance.glance or lane.state == State.REFUSED:
            return replace(_begun(rests), wish=lane.glance)
    if lane.queue and lane.wish.want is not Want.DELETE:
        return replace(_begun(rests), errand=lane.queue[0], queue=lane.queue[1:])
    return replace(rests, queue=())


def put_off(lane: Lane) -> bool:
    """Whether what is wanted was begun and has to wait: to ask for it again is then no repetition."""
    return lane.unreached and lane.tries > 0


def deleted_by_hand(lane: Lane) -> bool:
    """Whether a person's word keeps this preview away from pushes."""
    return lane.wish.person and lane.wish.want is Want.DELETE


def _begun(lane: Lane) -> Lane:
    return replace(lane, generation=lane.generation + 1, tries=0, state="queued")


def _wanted(lane: Lane, wish: Wish) -> Lane:
    """A new state is wanted: at once, but for an errand that is under way, which only a delete outruns."""
    lane = replace(lane, glance=None)
    if wish.want is Want.DELETE:
        return replace(_begun(lane), wish=wish, errand=None, pending=False, queue=())
    wish = _with_what_is_undone(lane, wish)
    if lane.due and lane.errand is not None:
        return replace(lane, wish=wish, pending=True)
    return replace(_begun(lane), wish=wish, errand=None)


def _with_what_is_undone(lane: Lane, wish: Wish) -> Wish:
    """A reset that was not done yet, or a person's word, is not lost to a newer commit."""
    if not lane.unreached:
        return wish
    old, wish = lane.wish, replace(wish, undone=wish.glance and (lane.wish.undone or not lane.wish.glance))
    if wish.want is not Want.DEPLOY or old.want is not Want.DEPLOY:
        return wish
    errand = old.errand if isinstance(old.errand, Reset) and wish.errand is None else wish.errand
    return replace(wish, errand=errand, by_hand=wish.by_hand or old.by_hand or old.person)


def _can_wait(lane: Lane, wish: Wish) -> bool:
    """A glance does not break off the deploy of the same commit; one that waits for its next try is no loss."""
    return wish.glance and not wish.afresh and _same(lane.wish, wish) and lane.unreached and not put_off(lane)


def _sent(lane: Lane | None, wish: Wish) -> Lane | Ignored:
    environment = wish.key.environment
    if isinstance(wish.errand, Cancel):
        return _cancelled(lane, wish)
    if lane is None or lane.wish.want is Want.DELETE:
        return Ignored(f"nothing stands in {environment}; a deploy brings it up first")
    if any(each is not None and each.errand == wish.errand for each in (lane.errand, *lane.queue)):
        return Ignored(f"the same waits or is under way in {environment} already")
    if not lane.due:
        return replace(_begun(lane), errand=wish)
    if len(lane.queue) >= MOST:
        return Ignored(f"{MOST} errands wait in {environment} already; try again when some are done")
    return replace(lane, queue=(*lane.queue, wish))


def _cancelled(lane: Lane | None, wish: Wish) -> Lane | Ignored:
    """What is under way is given up for a generation that does nothing; what takes the preview down is let end."""
    environment = wish.key.environment
    if lane is None or not lane.due:
        return Ignored(f"nothing is under way in {environment}")
    if isinstance(lane.current.errand, Cancel):
        return Ignored(f"what was under way in {environment} is being cancelled already")
    if lane.unreached and lane.errand is None and lane.wish.want is not Want.DEPLOY:
        return Ignored(f"a {lane.wish.want} is let end; a deploy takes over from it")
    ended = replace(wish, why=f"{wish.why}, which ended {_name(lane.current)}")
    return replace(_begun(lane), errand=ended, pending=False, queue=())


def _name(wish: Wish) -> str:
    """What is carried out, in words."""
    match wish.errand:
        case Reset() | Cancel() | None:
            return f"the {wish.want} of {wish.sha[:7]}" if wish.sha else f"the {wish.want}"
        case errand:
            return f"`{step_id(errand)}`"


def _objection(lane: Lane, wish: Wish) -> Ignored | None:
    if lane.wish.want is Want.DELETE and wish.want is Want.STOP:
        return Ignored("it is being deleted" if lane.due else "it is deleted: there is nothing to stop")
    if deleted_by_hand(lane) and wish.want is Want.DEPLOY and not (wish.person or wish.reopens):
        why = f"{lane.wish.actor} deleted this preview; a reopen or the command deploy brings it back"
        return Ignored(why, "what was deleted by hand stays away")
    return None


def _may_be_missing(lane: Lane, wish: Wish) -> bool:
    """Somebody else's equal wish, while it is open whether the commit may run: theirs may be the word for it."""
    open_ = lane.unreached and not put_off(lane) and lane.state in (State.QUEUED, State.REFUSED)
    another = wish.actor_id != lane.wish.actor_id and not (wish.afresh or wish.glance)
    return open_ and another and wish.want is Want.DEPLOY and _same(lane.wish, wish)


def _counts_again(lane: Lane, wish: Wish) -> bool:
    """An equal wish counts where what it wished for has ended, or may have begun before what it tells of."""
    if lane.state == State.REFUSED and not lane.unreached and wish.actor_id != lane.wish.actor_id:
        return True  # whose word it is may be what was missing
    if lane.wish.lapsed and not wish.lapsed and not lane.due:
        return True  # of a pull that is closed it is told otherwise how there is a preview again
    return wish.afresh or wish.glance or (wish.person and (put_off(lane) or not lane.unreached))


def _same(old: Wish, new: Wish) -> bool:
    """Which commit is asked of a deploy only; a wish without one means the newest, which a turn finds out itself."""
    if old.want is not new.want or (new.force and not old.force) or (new.final and not old.final):
        return False
    if new.errand not in (old.errand, None):
        return False
    return new.want is not Want.DEPLOY or new.sha in (old.sha, None)
