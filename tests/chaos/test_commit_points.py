"""The bot dies at every point at which it keeps something, once at each: the same end as a life without a death."""

from collections import Counter

import pytest

from bot.core.events import Want
from tests.world.bot import Bot
from tests.world.engine_left import left
from tests.world.engine_starts import started
from tests.world.github import GitHubWorld
from tests.world.undying import ROOT, Undying

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

SHOP = ROOT / "examples" / "shop"
FILES = {str(each.relative_to(SHOP)): each.read_text() for each in SHOP.rglob("*") if each.is_file()}


@pytest.fixture
def world():
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(world, tmp_path):
    bot = Undying(tmp_path / "state", {**world.settings, "lease": "1"})
    yield bot
    bot.end()


def told(bot: Bot, environment: str) -> tuple[str, dict[str, str], list[str]]:
    """What the end looks like: the state, each step's, and which outputs there are."""
    report = bot.of(environment)
    steps = {step["name"]: step["state"] for step in report["steps"]}
    return report["state"], steps, sorted(output["name"] for output in report["outputs"])


def test_killed_at_every_commit_point_the_shop_comes_up_goes_down_and_leaves_nothing(world, bot, tmp_path):
    pull = world.repository("acme/shop", FILES).open_pull(files={"news": "soon"})
    environment = pull.key.environment
    deaths, starts = {}, []
    for want, state in ((Want.DEPLOY, "running"), (Want.STOP, "stopped"), (Want.DELETE, "deleted")):
        with started(environment) as engine:
            bot.wish(pull, want)
            deaths[want] = bot.outlive(environment, tmp_path / f"deaths-{want}", state)
            starts += Counter(each["name"] for each in engine.attributes()).items()
        reached = told(bot, environment)
        assert reached[0] == state
        assert set(reached[1].values()) == {"succeeded"}, reached
        assert reached[2] == ([] if want is Want.DELETE else ["API_KEY", "BANNER"]), want
    assert deaths[Want.DEPLOY] > 20
    assert left(environment) == []
    assert [name for name, times in starts if times > 1] == []
    assert len([name for name, _ in starts if "seed" in name]) == 3, starts
