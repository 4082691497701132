"""`matinee extend` and `matinee sweep` as a person runs them."""

import json
import os
import re

import pytest

from tests.world.bot import Bot, command
from tests.world.github import GitHubWorld

pytestmark = pytest.mark.slow

SPEC = "version: 1\nservices: {web: {image: busybox}}\n"
TTL = "preview: {ttl: 72h, sleep: 8h}\n"


@pytest.fixture
def environment(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    memory = {"MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory"}
    return {**clean, **memory, "MATINEE_STATE": str(tmp_path / "state")}


@pytest.fixture
def up(environment, tmp_path):
    """Previews a folder with this spec; the document."""

    def upped(spec: str) -> dict:
        folder = tmp_path / "shop"
        folder.mkdir(exist_ok=True)
        (folder / "matinee.yaml").write_text(spec)
        return json.loads(command("up", str(folder), "--json", environment=environment).stdout)

    return upped


@pytest.fixture
def world():
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(world, tmp_path):
    with Bot(tmp_path / "state", {"runner": "memory", "builder": "memory", **world.settings}) as bot:
        world.hook = bot.hook
        yield bot


def test_an_end_is_put_off_and_the_list_says_so(environment, up):
    before = up(SPEC + TTL)
    assert before["sleeps_at"] < before["expires_at"]
    done = command("extend", before["id"], "24h", "--json", environment=environment)
    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert told["environment"] == before["id"]
    (after,) = json.loads(command("list", "--json", environment=environment).stdout)
    assert before["expires_at"] < after["expires_at"] == told["until"]
    said = command("extend", before["id"], "1h30m", environment=environment).stdout
    assert re.fullmatch(rf"{before['id']} is kept until \d{{4}}-\d\d-\d\d \d\d:\d\d UTC\n", said)


@pytest.mark.parametrize(
    ("time", "code", "says"),
    [("soon", 2, "24h or 1h30m"), ("0h", 2, "24h or 1h30m"), ("9999h", 4, "at most")],
)
def test_a_time_that_cannot_be_is_said(environment, up, time, code, says):
    done = command("extend", up(SPEC + TTL)["id"], time, environment=environment)
    assert done.returncode == code
    assert says in done.stderr


def test_the_operator_says_how_far_an_end_may_be_put_off(environment, up):
    id_ = up(SPEC + TTL)["id"]
    done = command("extend", id_, "24h", environment={**environment, "MATINEE_EXTEND_MOST": "73h"})
    assert done.returncode == 4
    done = command("extend", id_, "24h", environment={**environment, "MATINEE_EXTEND_MOST": "a month"})
    assert (done.returncode, "MATINEE_EXTEND_MOST" in done.stderr) == (2, True)


def test_what_never_ends_cannot_be_extended(environment, up):
    done = command("extend", up(SPEC)["id"], "24h", environment=environment)
    assert done.returncode == 4
    assert "preview.ttl" in done.stderr


def test_a_folders_preview_is_nothing_to_sweep(environment, up):
    up(SPEC)
    done = command("sweep", environment=environment)
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing was missed" in done.stderr


def test_a_sweep_by_hand_says_what_it_would_do_and_then_does_it(world, bot):
    repository = world.repository("acme/shop", {"matinee.yaml": SPEC})
    pull = repository.open_pull()
    bot.settled(pull.key.environment, pull.head, "running")
    with world.holding():
        pull.push({"a": "1"})
    dry = json.loads(bot.run("sweep", "--dry-run", "--json"))
    assert {(each["look"], each["act"], each["done"]) for each in dry} == {
        ("deliveries", "receive", False),
        ("pulls", "deploy", False),
    }
    assert "would deploy" in bot.run("sweep", "--dry-run")
    done = json.loads(bot.run("sweep", "--json"))
    assert [each["act"] for each in done if each["done"]] == ["receive"]
    bot.settled(pull.key.environment, pull.head, "running")


def test_a_forge_that_does_not_answer_is_exit_code_5(world, bot):
    pull = world.repository("acme/shop", {"matinee.yaml": SPEC}).open_pull()
    bot.settled(pull.key.environment, pull.head, "running")
    with world.outage():
        found = json.loads(bot.run("sweep", "--json", code=5))
    assert {each["act"] for each in found} == {"wait"}


def test_a_bot_that_starts_finds_what_was_lost_while_it_was_down(world, bot):
    repository = world.repository("acme/shop", {"matinee.yaml": SPEC})
    pull = repository.open_pull()
    bot.settled(pull.key.environment, pull.head, "running")
    bot.end()
    pull.push({"a": "1"})
    assert world.deliveries[-1].status == 0
    bot.environment["MATINEE_SWEEP_EVERY"] = "1s"
    bot.start()
    up = bot.settled(pull.key.environment, pull.head, "running")
    assert up["serving_sha"] == pull.head
