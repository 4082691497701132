"""The fake GitHub as a stage, on which the bot is an App."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.world.github import GitHubWorld
from tests.world.stages.github import GitHubStage


@contextmanager
def stage() -> Iterator[GitHubStage]:
    """A world with one repository, where the App is installed."""
    with GitHubWorld(app=True) as world:
        yield GitHubStage(world)
