"""The repositories that the inbox knows of."""

from collections.abc import Mapping

from bot.world import World


def repositories(world: World) -> Mapping[str, tuple[str, ...]]:
    """Forge → the numbers of its repositories that ever had a preview."""
    keys = {status.lane.wish.key for status in world.inbox.lanes()}
    forges = {key.forge for key in keys}
    return {forge: tuple(sorted({key.repository for key in keys if key.forge == forge})) for forge in forges}
