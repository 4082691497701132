"""`matinee wait` as a CI job runs it: a process beside the bot."""

import json
import os
import subprocess
import sys

import pytest

from bot import settings
from bot.core.events import wish
from bot.forges import local
from bot.inbox import Inbox
from tests.world.bot import Bot, command
from tests.world.github import GitHubWorld

pytestmark = pytest.mark.slow

SPEC = """\
version: 1
services:
  web: {image: busybox, port: 80, public: true}
  api: {image: busybox, port: 81, public: true}
jobs:
  seed:
    image: busybox
    on:
      deploy: {entrypoint: [sh, -c], args: ["echo hello"]}
"""
BROKEN = SPEC.replace("echo hello", "exit 7")


@pytest.fixture
def world():
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(world, tmp_path):
    memory = {"runner": "memory", "builder": "memory"}
    with Bot(tmp_path / "state", {**memory, **world.settings}) as bot:
        world.hook = bot.hook
        yield bot


@pytest.fixture
def shop(world):
    return world.repository("acme/shop", {"matinee.yaml": SPEC})


@pytest.fixture
def waiting(bot):
    """Starts `matinee wait` and gives its process; one that still runs at the end is ended."""
    started = []

    def start(*words):
        line = [sys.executable, "-m", "bot.cli", "wait", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(line, env=bot.environment, **pipes))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.communicate()


def waited(bot, *words):
    return command("wait", *words, environment=bot.environment)


def test_it_may_be_called_before_the_pull_is_opened_and_prints_the_urls(shop, waiting):
    job = waiting("--repository", "acme/shop", "--pull", "1")
    assert "waiting for acme/shop#1" in job.stderr.readline()
    pull = shop.open_pull()
    urls, _ = job.communicate(timeout=60)
    assert job.returncode == 0
    assert urls == f"http://web.{pull.key.environment}.localhost\nhttp://api.{pull.key.environment}.localhost\n"


def test_it_may_be_called_before_the_push_is_told_and_waits_past_the_older_commit(world, bot, shop, waiting):
    pull = shop.open_pull()
    bot.settled(pull.key.environment, pull.head, "running")
    with world.holding() as held:
        newer = pull.push({"README.md": "newer"})
    job = waiting(pull.key.environment, "--commit", newer)
    assert "waiting for" in job.stderr.readline()
    next(sent for sent in held if sent.event == "pull_request").redeliver()
    urls, _ = job.communicate(timeout=60)
    assert (job.returncode, len(urls.splitlines())) == (0, 2)
    assert bot.of(pull.key.environment)["serving_sha"] == newer


def test_the_commit_alone_finds_its_pull(bot, shop):
    shop.open_pull()
    pull = shop.open_pull()
    done = waited(bot, "--commit", pull.head[:9].upper(), "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert (document["id"], document["serving_sha"]) == (pull.key.environment, pull.head)


def test_a_deploy_that_fails_is_exit_code_1_and_names_the_step(bot, shop):
    pull = shop.open_pull(files={"matinee.yaml": BROKEN})
    done = waited(bot, pull.key.environment)
    assert done.returncode == 1
    assert "run seed on deploy" in done.stderr
    assert "7" in done.stderr
    assert done.stdout == ""


def test_a_spec_that_is_not_valid_is_exit_code_3(bot, shop):
    pull = shop.open_pull(files={"matinee.yaml": "version: 1\nservises: {}\n"})
    done = waited(bot, "--commit", pull.head)
    assert done.returncode == 3
    assert "servises" in done.stderr


def test_a_commit_that_a_newer_one_superseded_is_exit_code_4(bot, shop):
    pull = shop.open_pull()
    older = pull.head
    bot.settled(pull.key.environment, older, "running")
    newer = pull.push({"README.md": "newer"})
    bot.settled(pull.key.environment, newer, "running")
    done = waited(bot, pull.key.environment, "--commit", older)
    assert done.returncode == 4
    assert f"{older[:7]} is superseded by {newer[:7]}" in done.stderr


@pytest.mark.parametrize(("verb", "says"), [("stop", "is stopped"), ("delete", "is deleted")])
def test_a_preview_that_is_away_is_exit_code_4_and_said(bot, shop, verb, says):
    pull = shop.open_pull()
    bot.run("wait", pull.key.environment)
    bot.run(verb, pull.key.environment)
    done = waited(bot, pull.key.environment, "--commit", pull.head)
    assert done.returncode == 4
    assert says in done.stderr


def test_what_does_not_come_in_time_is_exit_code_5_and_said(bot, shop):
    pull = shop.open_pull()
    bot.run("wait", pull.key.environment)
    done = waited(bot, "--repository", "Acme/Shop", "--pull", "1", "--commit", "f" * 12, "--timeout", "300ms")
    assert done.returncode == 5
    assert f"acme/shop#1 at commit {'f' * 12} is not up after 300ms" in done.stderr.replace("Acme/Shop", "acme/shop")
    assert f"it has {pull.head[:7]}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def alone(tmp_path):
    """Settings of a machine on which no bot serves."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    memory = {"MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory"}
    return {**clean, **memory, "MATINEE_STATE": str(tmp_path / "state"), "COLUMNS": "120"}


def wished_for(alone, folder):
    """A preview of the folder is wanted, and nobody has done anything for it."""
    chosen = settings.settings(alone)
    inbox = Inbox.open(chosen["database_url"])
    event = local.create(chosen).snapshot(folder)
    inbox.wish(wish(event))
    inbox.close()
    return event.key.environment


def test_where_no_bot_serves_it_brings_the_preview_up_itself(alone, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "matinee.yaml").write_text(SPEC)
    environment = wished_for(alone, tmp_path / "shop")
    done = command("wait", environment, environment=alone)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"http://web.{environment}.localhost"
    (listed,) = json.loads(command("list", "--json", environment=alone).stdout)
    assert listed["state"] == "running"


def test_a_wait_that_is_over_does_not_wait_for_what_it_began_itself(alone, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "matinee.yaml").write_text(SPEC.replace("echo hello", "sleep 3000"))
    environment = wished_for(alone, tmp_path / "shop")
    done = command("wait", environment, "--timeout", "3s", environment=alone)
    assert done.returncode == 5
    assert "is not up after 3s: it is " in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "name what to wait for"),
        (("--repository", "acme/shop"), "go together"),
        (("github-1-1", "--repository", "acme/shop", "--pull", "1"), "either"),
        (("shop",), "no environment"),
        (("--commit", "12345"), "7 to 64"),
        (("--commit", "main"), "7 to 64"),
        (("github-1-1", "--timeout", "soon"), "no duration"),
        (("github-1-1", "--timeout", "-1s"), "no duration"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_exit_code_2_and_one_sentence(alone, words, says):
    done = command("wait", *words, environment=alone)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
