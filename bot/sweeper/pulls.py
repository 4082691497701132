"""Compares what a forge shows as open with the environments; what is in no list is asked for singly."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.core.deciding.missed import closed, ends, missed, stands
from bot.core.errors import Gone, MatineeError
from bot.core.events import Pull, PullKey
from bot.gathering.gather import find
from bot.inbox import Status
from bot.sweeper.finding import Act, Finding, Terms
from bot.sweeper.known import repositories
from bot.sweeper.wishes import Found, carried_out
from bot.world import World

LOOK = "pulls"


def pulls(world: World, terms: Terms) -> Iterator[Finding]:
    """Each repository that is known here, of forges that send events; those that the forge knows of besides."""
    lanes = world.inbox.lanes()
    known = repositories(world)
    found: list[Found] = []
    for forge in sorted(world.hooked):
        for repository in known.get(forge, ()):
            ours = [
                each
                for each in lanes
                if (each.lane.wish.key.forge, each.lane.wish.key.repository) == (forge, repository)
            ]
            found += _compared(world, forge, repository, ours)
    standing = sum(stands(status.lane) for status in lanes)
    yield from carried_out(world, found, terms, standing=standing)


def _compared(world: World, forge: str, repository: str, lanes: Iterable[Status]) -> Iterator[Found]:
    subject = f"{forge}-{repository}"
    try:
        shown = {pull.key: pull for pull in world.forge(forge).open_pulls(repository)}
    except Gone as error:
        yield _nothing(subject, f"{error}; nothing is concluded from that")
        return
    except MatineeError as error:
        yield _waits(subject, error)
        return
    there = {status.lane.wish.key: status for status in lanes}
    for key, pull in shown.items():
        status = there.get(key)
        lane, report, seen = (status.lane, status.report, status.seen) if status else (None, None, None)
        if wish := missed(lane, report, pull, seen):
            act = Act.DELETE if ends(lane, pull, seen) else Act.LOOK if wish.glance else Act.DEPLOY
            yield Found(Finding(look=LOOK, subject=key.environment, why=wish.why, act=act), wish)
    for key, status in there.items():
        if key not in shown and stands(status.lane):
            yield _asked(world, key)


def _asked(world: World, key: PullKey) -> Found:
    try:
        pull = find(world, key)
    except MatineeError as error:
        return _waits(key.environment, error)
    if pull is None:
        return _nothing(key.environment, "the forge does not show the pull (any more), which may be for want of rights")
    if pull.open:
        return _nothing(key.environment, "it is in no list of open pulls, but open")
    return gone(LOOK, pull)


def gone(look: str, pull: Pull, *, above: int = 0) -> Found:
    """A pull that is closed for certain, though its environment was told nothing of it."""
    wish = closed(pull)
    return Found(Finding(look=look, subject=pull.key.environment, why=wish.why, act=Act.DELETE), wish, above)


def _nothing(subject: str, why: str) -> Found:
    return Found(Finding(look=LOOK, subject=subject, why=why, act=Act.NOTHING))


def _waits(subject: str, error: MatineeError) -> Found:
    return Found(replace(_nothing(subject, str(error)).finding, act=Act.WAIT))
