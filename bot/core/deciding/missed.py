"""What an environment was not told: the pull as the forge shows it, against what its lane knows."""

from bot.core.deciding.lane import Lane, deleted_by_hand
from bot.core.deciding.turns import told
from bot.core.events import Pull, Want, Wish
from bot.core.names import EnvironmentId
from bot.core.report import Report

FEW = 3
"""So many may be deleted at once, whatever the share."""


def missed(lane: Lane | None, report: Report | None, pull: Pull) -> Wish | None:
    """What an open pull's lane would want, had everything been delivered; None where nothing is missing."""
    if lane is None:
        return _deploy(pull, "it was opened, and no delivery told of it")
    if lane.due and lane.wish.want is not Want.DEPLOY:
        return None  # its turn reads the pull itself
    if lane.wish.want is Want.DELETE and not lane.wish.lapsed:
        return None if deleted_by_hand(lane) else _deploy(pull, "it is open again, and no delivery told of it")
    if told(lane, report) in (pull.head, None):
        return None
    return _deploy(pull, f"its head is {pull.head[:7]}, and no delivery told of it")


def closed(pull: Pull) -> Wish:
    """What a pull that is closed for certain wants."""
    return Wish(
        key=pull.key,
        repository=pull.repository,
        want=Want.DELETE,
        sha=None,
        actor=pull.author,
        actor_id=pull.author_id,
        why="the pull is closed, and no delivery told of it",
    )


def stands(lane: Lane) -> bool:
    """Whether something is wanted to be there that a closed pull would end."""
    return lane.wish.want is not Want.DELETE


def too_many(deletes: int, standing: int, *, percent: int) -> str:
    """Why so many are not deleted before somebody has said so; empty where they may be."""
    if deletes <= FEW or deletes * 100 <= standing * percent:
        return ""
    return f"{deletes} of {standing} previews would be deleted at once, which is more than {percent} %"


def key_parts(environment: EnvironmentId) -> tuple[str, str, int]:
    """Forge, repository and number that an environment is named after."""
    forge, repository, number = environment.split("-")
    return forge, repository, int(number)


def _deploy(pull: Pull, why: str) -> Wish:
    return Wish(
        key=pull.key,
        repository=pull.repository,
        want=Want.DEPLOY,
        sha=pull.head,
        actor=pull.author,
        actor_id=pull.author_id,
        why=why,
    )
