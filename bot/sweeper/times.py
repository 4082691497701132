"""Acts on the clock: what has come to its end or to sleep, and whose end is near."""

from collections.abc import Iterator

from bot.core.errors import MatineeError
from bot.core.events import Remark, RemarkKind
from bot.core.lifetime import moment
from bot.core.telling.wording import ending_soon
from bot.inbox import Status
from bot.sweeper.finding import Act, Finding, Terms
from bot.world import World

LOOK = "times"


def times(world: World, terms: Terms) -> Iterator[Finding]:
    """Wish for what is due, and announce each end once."""
    found = [_lapsing(world, status, done=terms.act) for status in world.inbox.times.lapsing()]
    if found and terms.act:
        world.inbox.times.lapse()
    yield from found
    for status in world.inbox.times.ending_soon():
        yield _announced(world, status, act=terms.act)


def _lapsing(world: World, status: Status, *, done: bool) -> Finding:
    ends = status.times.expires_at is not None and status.times.expires_at <= world.inbox.now
    act, why = (Act.DELETE, "its time to live is over") if ends else (Act.SLEEP, "its time to sleep has come")
    return Finding(look=LOOK, subject=status.environment, why=why, act=act, done=done)


def _announced(world: World, status: Status, *, act: bool) -> Finding:
    end = status.times.expires_at
    if end is None:
        raise LookupError(f"{status.environment} has nothing to be announced")
    why = f"it ends on {moment(end)}"
    if act:
        key = status.lane.wish.key
        # Named after the end, so that it is said once, and of another end anew.
        about = Remark(id=f"end-{end:%Y%m%d%H%M%S}", kind=RemarkKind.NOTICE)
        try:
            world.forge(key.forge).reply(key, about, ending_soon(end))
        except MatineeError as error:
            return Finding(look=LOOK, subject=status.environment, why=str(error), act=Act.WAIT)
        world.inbox.times.announced(status.environment, status.times)
    return Finding(look=LOOK, subject=status.environment, why=why, act=Act.ANNOUNCE, done=act)
