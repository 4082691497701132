"""A commit of a pull's own repository, in our mirror of it."""

from bot.core.events import Pull
from bot.core.names import Sha
from bot.core.wire import Cancel
from bot.world import World
from builders.base import Commit


def fetch(world: World, pull: Pull, sha: Sha, cancel: Cancel) -> Commit:
    """Fetch it with what the forge gives us for that repository."""
    origin = world.forge(pull.key.forge).origin(pull)
    return world.sources.fetch(origin.url, origin.header, repository=mirror(pull), sha=sha, cancel=cancel)


def mirror(pull: Pull) -> str:
    """What our mirror of the pull's repository is called."""
    return f"{pull.key.forge}-{pull.key.repository}"
