"""A turn in which nothing is done: what stands stays, and a pull that was never told of anything hears nothing."""

from dataclasses import replace
from datetime import datetime

from bot.core.deciding.filters import NOTHING
from bot.core.events import Ignored, Want
from bot.core.names import EnvironmentId
from bot.core.report import Report, State, masked
from bot.core.standing import Standing
from bot.core.telling import progress
from bot.core.telling.wording import UNDER_WAY
from bot.gathering.gather import Gathered
from bot.inbox import Claim
from bot.masks import Masks
from bot.telling.teller import Teller
from bot.world import World


def unheard_of(claim: Claim, world: World, gathered: Gathered) -> bool:
    """Whether it would be the first that anybody hears of this preview that it is no more."""
    at = gathered.situation
    gone = at.wish.want is Want.DELETE and not at.wish.person and at.stands is None
    return gone and _told(world, claim.environment) is None


def leave(ignored: Ignored, claim: Claim, world: World, gathered: Gathered) -> datetime | None:
    """Say what was left out where there is a report already; when to try again where the forge did not take it."""
    at = gathered.situation
    if at.stands is not None and (noticed := at.stands.noticing(at.pull)) != at.stands:
        world.runner.remember(gathered.home, replace(noticed, generation=gathered.home.generation))
    told = _told(world, claim.environment)
    if told is None:
        world.inbox.rest(claim, progress.at_rest(at.stands))
        return None
    rests = _at_rest(told, at.stands)
    if ignored.rule != NOTHING:
        rests = masked(replace(rests, left_out=ignored.why), Masks(world.secrets, lambda: at.stands))
    if rests != told and at.pull is not None and world.tells:
        teller = Teller(world.forge(told.key.forge), at.pull)
        teller.say(replace(rests, generation=claim.lane.generation))
        if (again := teller.finish()) is not None:
            return again
    world.inbox.tell(claim, replace(rests, generation=claim.lane.generation))
    return None


def _told(world: World, environment: EnvironmentId) -> Report | None:
    status = world.inbox.lane(environment)
    return status.report if status else None


def _at_rest(told: Report, stands: Standing | None) -> Report:
    """The same, if it is of something that has ended."""
    if told.state not in UNDER_WAY | {State.QUEUED}:
        return told
    rests = replace(told, state=progress.at_rest(stands), why="", steps=(), problems=())
    return rests if stands is not None else replace(rests, serving=None, urls=(), outputs=(), access=None)
