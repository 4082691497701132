"""Every story plays on each engine, with the bot as it is run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.world.bot import Bot
from tests.world.forge import ForgeWorld
from tests.world.github import GitHubWorld
from tests.world.houses import HOUSES, House

_MARKS = {"docker": [pytest.mark.engine], "kubernetes": [pytest.mark.engine, pytest.mark.cluster, pytest.mark.slow]}


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture(params=[pytest.param(name, marks=_MARKS[name]) for name in HOUSES])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with HOUSES[request.param]() as house:
        yield house


@pytest.fixture
def bot(world: ForgeWorld[Any], house: House, tmp_path: Path) -> Iterator[Bot]:
    with Bot(tmp_path / "state", {**world.settings, **house.settings}) as bot:
        world.hook = f"{bot.hooks}/{world.name}"
        yield bot
