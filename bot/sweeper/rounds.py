"""When each look is taken, and by which bot: one of all that serve, the others only see that it is not due."""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from threading import Event
from types import MappingProxyType

from bot.core.errors import MatineeError
from bot.inbox import Chore
from bot.sweeper.deliveries import deliveries
from bot.sweeper.finding import Act, Finding, Look, Terms
from bot.sweeper.homes import homes
from bot.sweeper.pulls import pulls
from bot.sweeper.times import times
from bot.world import World

log = logging.getLogger(__name__)
LOOKS: Mapping[str, Look] = MappingProxyType({"times": times, "deliveries": deliveries, "pulls": pulls, "homes": homes})
POLL = 3.0
"""Seconds between two looks at what is due: one query."""
LEASE = 600.0
"""Seconds until another bot takes a look over from one that died in it."""
OFTEN = timedelta(seconds=30)
"""How exact times are."""
BACK = timedelta(days=3)
"""How far back forges list what they could not deliver."""
OVERLAP = timedelta(minutes=10)
ARRIVED = timedelta(seconds=15)
"""From a bot's start until deliveries surely find it; what got lost in the gap before is looked for then."""


def keep_sweeping(world: World, owner: str, over: Event) -> None:
    """Take every look that is due, until `over`; all of them are soon after the start."""
    begun = False
    while not over.is_set():
        try:
            if not begun:
                world.inbox.chores.hasten(tuple(LOOKS), after=ARRIVED)
                begun = True
            while not over.is_set() and (chore := world.inbox.chores.take(tuple(LOOKS), owner, lease=LEASE)):
                sweep(world, chore)
        except MatineeError as error:
            log.warning("%s", error)
        except Exception:
            log.exception("a fault of ours; the sweep is taken up again when its lease is over")
        over.wait(POLL)


def sweep(world: World, chore: Chore) -> None:
    """Take one look and write down how it went."""
    began = world.inbox.now
    found = [_logged(each) for each in LOOKS[chore.name](world, Terms(since=since(chore.done_at, began)))]
    answered = all(each.act is not Act.WAIT for each in found)
    again = began + (OFTEN if chore.name == "times" else world.sweeps.every)
    world.inbox.chores.end(chore, again=again, done_at=began if answered else None, note=note(found))


def by_hand(world: World, *, act: bool, yes: bool) -> Iterator[Finding]:
    """Take every look once, whenever it was taken last; what has to be asked for is asked no more."""
    now = world.inbox.now
    for look in LOOKS.values():
        yield from look(world, Terms(since=now - BACK, act=act, yes=yes))
    if act and yes:
        world.inbox.chores.unasked(tuple(LOOKS))


def since(done_at: datetime | None, now: datetime) -> datetime:
    """From when on deliveries may have been lost unseen."""
    return now - BACK if done_at is None else max(now - BACK, done_at - OVERLAP)


def note(found: list[Finding]) -> str:
    """What an operator has to decide."""
    asked = [each for each in found if each.act is Act.ASK]
    if not asked:
        return ""
    why = asked[0].why.rpartition("; ")[2]
    return f"{why}; look at them with `matinee sweep --dry-run`, and delete them with `matinee sweep --yes`"


def _logged(found: Finding) -> Finding:
    if found.act in (Act.WAIT, Act.ASK):
        log.warning("sweep of %s: %s: %s (%s)", found.look, found.subject, found.why, found.act)
    elif found.done:
        log.info("sweep of %s: %s: %s (%s)", found.look, found.subject, found.why, found.act)
    return found
