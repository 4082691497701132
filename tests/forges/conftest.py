"""GitHub, as the bot talks to it, and one pull there."""

from collections.abc import Iterator

import pytest

from bot.forges import github
from bot.forges.github import GitHub
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull, Repository


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def shop(world: GitHubWorld) -> Repository:
    return world.repository("acme/shop", {"README.md": "shop"})


@pytest.fixture
def forge(world: GitHubWorld) -> GitHub:
    return github.create(world.settings)


@pytest.fixture
def pull(shop: Repository) -> Pull:
    return shop.open_pull()
