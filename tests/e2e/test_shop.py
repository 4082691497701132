"""What becomes of the example on a real engine besides its life (test_golden_story.py), with the bot as it is run."""

import json
import urllib.request

import docker
import pytest

from tests.e2e.shop import FILES, SHOP
from tests.world.bot import Bot
from tests.world.engine_left import left
from tests.world.github import GitHubWorld

pytestmark = pytest.mark.engine


@pytest.fixture
def world():
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(world, tmp_path):
    with Bot(tmp_path / "state", world.settings) as bot:
        world.hook = bot.hook
        yield bot


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def variable(environment: str, service: str, name: str) -> str:
    label = {"label": [f"matinee.dev/environment={environment}", f"matinee.dev/service={service}"]}
    containers = docker.from_env().containers.list(filters=label)
    values = dict(each.split("=", 1) for container in containers for each in container.attrs["Config"]["Env"])
    return str(values[name])


def test_the_value_of_a_sensitive_output_is_nowhere_but_in_the_services(world, bot):
    pull = world.repository("acme/shop", FILES).open_pull(files={"news": "soon"})
    bot.settled(pull.key.environment, pull.head, "running")
    secret = variable(pull.key.environment, "web", "API_KEY")
    assert len(secret) > 8
    told = pull.comment.body + bot.run("list", "--json") + bot.told()
    told += "".join(bot.run("logs", pull.key.environment, name) for name in ("run seed on deploy", "start web", "web"))
    assert secret not in told
    pull.close()
    bot.settled(pull.key.environment, None, "deleted")


def test_up_previews_the_shop_without_any_forge(tmp_path):
    bot = Bot(tmp_path / "state", {})
    up = json.loads(bot.run("up", str(SHOP), "--json"))
    assert up["state"] == "running"
    assert "Corner Shop" in page(up["url"])
    again = json.loads(bot.run("up", str(SHOP), "--json"))
    assert {s["why"] for s in again["steps"] if s["kind"] in ("build", "start") and s["name"] != "start web"} == {
        "unchanged"
    }
    assert json.loads(bot.run("delete", up["id"], "--json"))["state"] == "deleted"
    assert left(up["id"]) == []
