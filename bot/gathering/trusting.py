"""Looks up what speaks for a pull's commit, no more than the rule needs; every look is at how things are now."""

from collections.abc import Iterator
from dataclasses import replace

from bot.core.approval import Allowed
from bot.core.deciding.trust import Actor, Trust, judged
from bot.core.events import ActorId, Pull, Wish
from bot.world import World

MOST = 5
"""How many accounts that brought a commit are asked about."""


def trust(world: World, wish: Wish, pull: Pull) -> Trust:
    """Ask nothing of the forge where what is kept here is enough; a forge that does not answer raises `Unavailable`."""
    known = Trust(approval=world.inbox.approved(pull.key.environment, pull.head), no_forks=world.forks.against)
    if pull.fork or isinstance(judged(wish, pull, known), Allowed):
        return known
    actors: list[Actor] = []
    for login, number in _involved(world, wish, pull):
        actors.append(_actor(world, wish, pull, login, number))
        if actors[-1].counts:
            break
    else:
        if not all(actor.shown for actor in actors):
            actors.insert(0, _actor(world, wish, pull, pull.author, pull.author_id))
    return Trust(actors=tuple(actors), approval=known.approval)


def _involved(world: World, wish: Wish, pull: Pull) -> Iterator[tuple[str, ActorId]]:
    """Who acts now, then whoever brought this very commit: of two events that come at once only one is the wish.

    A label is no word on a commit, nor is making a draft of the pull; of a commit whose own event was lost it is the
    author's, as ever.
    """
    brought = world.inbox.brought(pull.key.environment, pull.head)
    if not wish.glance:
        yield wish.actor, wish.actor_id
    elif not brought:
        yield pull.author, pull.author_id
    yield from [each for each in brought if wish.glance or each[1] != wish.actor_id][:MOST]


def _actor(world: World, wish: Wish, pull: Pull, login: str, number: ActorId) -> Actor:
    """Whether it acted is asked only where that matters; a person's remark was read back before it was a wish."""
    forge = world.forge(pull.key.forge)
    if world.trusts(pull.key.forge, number):
        actor = Actor(login=login, id=number, listed=True)
    else:
        actor = Actor(login=login, id=number, permission=forge.permission(pull.key, number, login))
    said = wish.person and number == wish.actor_id
    return replace(actor, shown=not actor.may or said or forge.acted(pull, number))
