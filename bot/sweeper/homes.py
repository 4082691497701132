"""Compares what stands on the runner with the lanes: environments that the inbox knows nothing of (any more)."""

from collections.abc import Iterator

from bot.core.deciding.missed import key_parts, missed
from bot.core.errors import MatineeError
from bot.core.events import PullKey
from bot.core.group import Home
from bot.core.standing import Standing
from bot.gathering.gather import find
from bot.sweeper.finding import Act, Finding, Terms
from bot.sweeper.pulls import gone
from bot.sweeper.wishes import Found, carried_out
from bot.world import World

LOOK = "homes"


def homes(world: World, terms: Terms) -> Iterator[Finding]:
    """Ask for the pull of each one singly; only one that is closed for certain is deleted."""
    try:
        there = list(world.runner.homes())
    except MatineeError as error:
        yield Finding(look=LOOK, subject="runner", why=str(error), act=Act.WAIT)
        return
    orphans = [home for home in there if world.inbox.lane(home.environment) is None]
    found = [each for home in orphans if (each := _judged(world, home))]
    yield from carried_out(world, found, terms, standing=len(there))


def _judged(world: World, home: Home) -> Found | None:
    try:
        stands = world.runner.recall(home)
        key = _key(home, stands)
        pull = find(world, key) if key.forge in world.hooked else None
    except (MatineeError, ValueError) as error:
        return _found(home, str(error), Act.WAIT)
    if pull is None:
        return _found(home, "nothing is known of it here, and no forge shows its pull: it is left alone", Act.NOTHING)
    if not pull.open:
        return gone(LOOK, pull, above=home.generation)
    if stands is None:
        return _found(home, "something of it is there, and its pull is open", Act.NOTHING)
    wish = missed(None, None, pull)
    return Found(
        Finding(look=LOOK, subject=home.environment, why="it stands, and nothing is known of it here", act=Act.DEPLOY),
        wish,
        home.generation,
    )


def _key(home: Home, stands: Standing | None) -> PullKey:
    if stands is not None:
        return stands.key
    forge, repository, number = key_parts(home.environment)
    return PullKey(forge=forge, repository=repository, number=number)


def _found(home: Home, why: str, act: Act) -> Found:
    return Found(Finding(look=LOOK, subject=home.environment, why=why, act=act))
