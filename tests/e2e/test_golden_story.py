"""The example's whole life on each engine, at a forge of its own, with the bot as a process."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.golden import golden
from tests.world.bot import Bot
from tests.world.forge import ForgeWorld
from tests.world.github import GitHubWorld
from tests.world.gitlab import GitLabWorld
from tests.world.houses import House

FORGES: dict[str, type[ForgeWorld[Any]]] = {"docker": GitHubWorld, "kubernetes": GitLabWorld}
"""In a cluster the chart's bot plays it at GitHub."""


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[ForgeWorld[Any]]:
    with FORGES[request.node.callspec.params["house"]]() as world:
        yield world


def test_a_pull_of_the_shop_from_its_opening_to_its_end(world: ForgeWorld[Any], bot: Bot, house: House) -> None:
    golden(world, bot, house)
