"""The example's whole life on each engine, with the bot as a process."""

from tests.e2e.golden import golden
from tests.world.bot import Bot
from tests.world.github import GitHubWorld
from tests.world.houses import House


def test_a_pull_of_the_shop_from_its_opening_to_its_end(world: GitHubWorld, bot: Bot, house: House) -> None:
    golden(world, bot, house)
