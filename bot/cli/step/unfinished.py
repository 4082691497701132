"""A step that ends before what it does has ended: what the pull is told, since nobody goes on until the next one."""

import logging
from threading import Thread

from bot.core.errors import MatineeError
from bot.core.group import Home
from bot.core.report import Report, masked
from bot.core.telling import progress
from bot.gathering.gather import find
from bot.inbox import Status
from bot.masks import Masks
from bot.telling.teller import PACE
from bot.world import World

log = logging.getLogger(__name__)

NEXT = "run the job again or push, and it goes on from here"
PATIENCE = PACE.total_seconds() + 1
"""Seconds in which a turn leaves off, and has told what it was telling: GitHub kills a cancelled step after ten."""
_WORDS = 5.0
"""Seconds for the last word."""


def unfinished(world: World, status: Status, why: str) -> Report | None:
    """Tell the pull in which state it is left; None where this step told it nothing, or somebody else goes on."""
    report = status.report
    if report is None or report.generation != status.lane.generation or world.inbox.served():
        return None
    stands = world.runner.recall(Home(environment=status.environment, generation=0))
    if stands is not None and stands.generation > report.generation:
        return None
    left = masked(progress.left_off(report, f"{why}; {NEXT}"), Masks(world.secrets, lambda: stands))
    if world.tells:
        teller = Thread(target=_tell, args=(world, left), name=f"last word {status.environment}", daemon=True)
        teller.start()
        teller.join(_WORDS)
    return left


def _tell(world: World, report: Report) -> None:
    try:
        pull = find(world, report.key)
        if pull is not None:
            world.forge(report.key.forge).tell(pull, report)
    except MatineeError as error:
        log.warning("%s could not be told how it is left: %s", report.key.environment, error)
