"""A whole bot in this process, over memory, with a GitHub that is a world: quick enough for many stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.bot import StoryBot
from tests.world.github import GitHubWorld


@pytest.fixture
def forge() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(forge: GitHubWorld, tmp_path: Path) -> Iterator[StoryBot]:
    with StoryBot(forge, tmp_path / "state") as bot:
        yield bot
