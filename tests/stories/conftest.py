"""A whole bot in this process, over memory, with a forge that is a world: quick enough for many stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.world import World
from tests.stories.bot import StoryBot
from tests.world.github import GitHubWorld
from tests.world.gitlab import GitLabWorld
from tests.world.lives import Life, life, reborn

WORLDS = (GitHubWorld, GitLabWorld)
BOTH = pytest.mark.parametrize("forge", WORLDS, indirect=True, ids=[world.name for world in WORLDS])
"""For stories in which a forge is told or asked something; in others one stands for all."""


@pytest.fixture
def forge(request: pytest.FixtureRequest) -> Iterator[GitHubWorld | GitLabWorld]:
    with getattr(request, "param", GitHubWorld)() as world:
        yield world


@pytest.fixture
def bot(forge: GitHubWorld | GitLabWorld, tmp_path: Path) -> Iterator[StoryBot]:
    with StoryBot(forge, tmp_path / "state") as bot:
        yield bot


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """What many lives share."""
    made = life(tmp_path_factory.mktemp("lives"))
    yield made.world
    made.world.inbox.close()


@pytest.fixture
def one(opened: World) -> Life:
    """The life of one pull, turn by turn."""
    return reborn(opened)
