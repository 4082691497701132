"""Tells a pull anew what has changed without a turn: when its preview sleeps and ends."""

import logging
from dataclasses import replace
from datetime import datetime

from bot.core.errors import MatineeError
from bot.core.group import Home
from bot.gathering.gather import find
from bot.inbox import Claim
from bot.telling.teller import again
from bot.world import World

log = logging.getLogger(__name__)


def retold(claim: Claim, world: World) -> datetime | None:
    """Keep the lane's times with the environment and show them; when to try again where something does not answer."""
    try:
        _keep(claim, world)
        _tell(claim, world)
    except MatineeError as error:
        log.warning("%s: its new times are not told yet: %s", claim.environment, error)
        return again(error, world.inbox.now)
    return None


def _keep(claim: Claim, world: World) -> None:
    home = Home(environment=claim.environment, generation=claim.lane.generation)
    stands = world.runner.recall(home)
    if stands is not None and stands.lifetime != claim.times:
        world.runner.remember(home, replace(stands, lifetime=claim.times))


def _tell(claim: Claim, world: World) -> None:
    status = world.inbox.lane(claim.environment)
    if status is None or status.report is None:
        return
    report = replace(status.report, sleeps_at=claim.times.sleeps_at, expires_at=claim.times.expires_at)
    world.inbox.tell(claim, report)
    if world.tells and (pull := find(world, report.key)) is not None:
        world.forge(report.key.forge).tell(pull, report)
