"""A job that prints without measure: the bot stays small, head and tail are kept, what is lost between them is said."""

import re

import docker
import pytest

from tests.world.bot import Bot, wait
from tests.world.github import GitHubWorld

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(1200)]

LINE = "a line of output as a program prints it, one hundred characters long, more or less, like this one.."
SPEC = """\
version: 1
jobs:
  loud:
    image: busybox
    resources: {{cpu: "2"}}
    on:
      deploy:
        entrypoint: [sh, -c]
        args: ["echo first; {flood}; echo last"]
        max_duration: 1100
"""
GROWTH = 64 * 2**20
PATIENCE = 1150.0


@pytest.fixture
def world():
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(world, tmp_path):
    with Bot(tmp_path / "state", world.settings) as bot:
        world.hook = bot.hook
        yield bot


def flooded(world: GitHubWorld, bot: Bot, flood: str) -> tuple[list[str], int, int]:
    """The log of a job that prints so, by how much the bot grew meanwhile, and how much of it the engine kept."""
    before, sizes = bot.memory(), []
    pull = world.repository("acme/loud", {"matinee.yaml": SPEC.format(flood=flood)}).open_pull(files={"news": "soon"})
    environment = pull.key.environment

    def over() -> bool:
        sizes.append(bot.memory())
        return bot.of(environment).get("state") in ("running", "failed")

    wait(over, "the end of the flood", otherwise=bot.told, patience=PATIENCE)
    assert bot.of(environment)["state"] == "running", bot.of(environment)
    log = bot.run("logs", environment, "loud").splitlines()
    kept = sum(map(len, docker.from_env().api.logs(container(environment), stream=True)))
    pull.close()
    bot.settled(environment, None, "deleted")
    return log, max(sizes) - before, kept


def container(environment: str) -> str:
    label = {"label": [f"matinee.dev/environment={environment}", "matinee.dev/job=loud"]}
    (found,) = docker.from_env().containers.list(all=True, filters=label)
    return str(found.id)


def test_of_a_gigabyte_the_head_and_the_tail_are_kept_and_the_bot_stays_small(world, bot):
    count = 2**30 // (len(LINE) + 1)
    log, growth, kept = flooded(world, bot, f"yes '{LINE}' | head -n {count}")
    (gap,) = [line for line in log if "left out" in line]
    missing = int(re.sub(r"\D", "", gap))
    assert (log[:2], log[-2:]) == (["first", LINE], [LINE, "last"])
    assert set(log) == {"first", LINE, gap, "last"}
    assert missing + len(log) - 1 == count + 2
    assert sum(map(len, log)) < 5 * 2**20
    assert growth < GROWTH
    assert kept < 17 * 2**20


def test_of_a_line_without_end_the_beginning_is_kept_and_the_bot_stays_small(world, bot):
    log, growth, _ = flooded(world, bot, "head -c 104857600 /dev/zero | tr '\\\\0' x; echo")
    first, line, last = log
    assert (first, last) == ("first", "last")
    assert line.strip("x") == " … (cut)"
    assert len(line) > 10_000
    assert growth < GROWTH


def test_a_flood_taken_up_again_by_a_restarted_bot_says_what_may_be_missing(world, bot):
    flood = f"yes '{LINE}' | head -n 300000; echo pause; until test -e /go; do sleep 0.1; done"
    pull = world.repository("acme/loud", {"matinee.yaml": SPEC.format(flood=flood)}).open_pull(files={"news": "soon"})
    environment = pull.key.environment

    def paused() -> bool:
        loud = {"label": [f"matinee.dev/environment={environment}", "matinee.dev/job=loud"]}
        return any(each.logs(tail=1) == b"pause\n" for each in docker.from_env().containers.list(filters=loud))

    wait(paused, "the end of the flood", otherwise=bot.told)
    bot.end()
    bot.start()
    docker.from_env().containers.get(container(environment)).exec_run(["touch", "/go"])
    bot.settled(environment, pull.head, "running")
    log = bot.run("logs", environment, "loud").splitlines()
    assert "taken up again after a restart" in log[0]
    assert "first" not in log
    assert log[-2:] == ["pause", "last"]
    assert len([line for line in log if "left out" in line]) == 1
    pull.close()
    bot.settled(environment, None, "deleted")
