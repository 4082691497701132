"""The bot dies at every point at which it keeps something, once at each: the same end as a life without a death."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import docker
import pytest

from bot.core.events import Want, Wish
from bot.inbox import Inbox
from tests.world.bot import Bot, wait
from tests.world.engine_starts import started
from tests.world.github import GitHubWorld

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop"
FILES = {str(each.relative_to(SHOP)): each.read_text() for each in SHOP.rglob("*") if each.is_file()}
LIVES = 120
"""More than there are points."""


class Mortal(Bot):
    """A bot that is started again whenever it has died."""

    def outlive(self, environment: str, deaths: Path, *states: str) -> int:
        """Live until the environment is settled in one of these states; how many deaths that took."""
        for died in range(LIVES):
            with self.log.open("ab") as log:
                command = [sys.executable, "-m", "tests.world.mortal", str(deaths)]
                self._process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)
            ended = wait(lambda: self._over(environment, states), f"{environment} or a death", otherwise=self.told)
            if ended == "settled":
                self.end()
                return died
        raise AssertionError(f"{LIVES} lives were not enough\n{self.told()[-6000:]}")

    def _over(self, environment: str, states: tuple[str, ...]) -> str:
        if self._process is not None and self._process.poll() is not None:
            return "dead"
        status = self.inbox.lane(environment)
        return "settled" if status and not status.lane.due and status.lane.state in states else ""

    @property
    def inbox(self) -> Inbox:
        """The bot's own."""
        self._inbox = self._inbox or Inbox.open(f"sqlite:///{self.state}/matinee.db")
        return self._inbox


@pytest.fixture
def world():
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(world, tmp_path):
    (tmp_path / "state").mkdir()
    bot = Mortal(tmp_path / "state", {**world.settings, "lease": "1"})
    yield bot
    bot.end()


def wished(pull, want: Want) -> Wish:
    sha = pull.head if want is Want.DEPLOY else None
    return Wish(key=pull.key, repository="acme/shop", want=want, sha=sha, actor="ana", why="because", person=True)


def left(environment: str) -> list[str]:
    client, label = docker.from_env(), {"label": f"matinee.dev/environment={environment}"}
    kinds = (client.containers.list(all=True, filters=label), client.networks.list(filters=label))
    return [each.name for kind in (*kinds, client.volumes.list(filters=label)) for each in kind]


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
            bot.inbox.wish(wished(pull, want))
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
