"""Approves a commit by a comment."""

from bot.core.names import Sha
from tests.stories.bot import StoryBot
from tests.world.github_repository import Pull


def approve(bot: StoryBot, pull: Pull, *, by: str = "ana", sha: Sha | None = None) -> None:
    """Let somebody say it; it counts where they may write."""
    pull.say(by, f"/preview approve {sha or pull.head}")
    bot.settle()
