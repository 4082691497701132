"""Reads what a forge could not deliver, as if it had been delivered; each delivery counts once, however it came."""

import hashlib
from collections.abc import Iterator

from bot.core.chat.parse import wordless
from bot.core.errors import MatineeError
from bot.core.events import Delivery, Ignored, Malformed
from bot.forges.base import Forge
from bot.sweeper.finding import Act, Finding, Terms
from bot.sweeper.known import repositories
from bot.world import World

LOOK = "deliveries"


def deliveries(world: World, terms: Terms) -> Iterator[Finding]:
    """Ask every forge that sends any."""
    known = repositories(world)
    for name in sorted(world.hooked):
        try:
            for delivery in world.forge(name).lost(known.get(name, ()), terms.since):
                yield _taken(world, name, world.forge(name), delivery, act=terms.act)
        except MatineeError as error:
            yield Finding(look=LOOK, subject=name, why=str(error), act=Act.WAIT)


def _taken(world: World, name: str, forge: Forge, delivery: Delivery, *, act: bool) -> Finding:
    told = forge.read(delivery)
    if isinstance(told, Ignored | Malformed):
        return Finding(look=LOOK, subject=name, why=told.why, act=Act.NOTHING)
    if idle := wordless(told):
        return Finding(look=LOOK, subject=name, why=idle.why, act=Act.NOTHING)
    subject, why = f"{name} {told.delivery}", "it was not delivered"
    if not act:
        return Finding(look=LOOK, subject=subject, why=why, act=Act.RECEIVE)
    stored = world.inbox.receive(told, hashlib.sha256(delivery.body).hexdigest())
    if isinstance(stored, Ignored):
        return Finding(look=LOOK, subject=subject, why=stored.why, act=Act.NOTHING)
    return Finding(look=LOOK, subject=stored.environment, why=why, act=Act.RECEIVE, done=True)
