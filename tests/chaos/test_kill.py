"""The bot is killed at the worst moments and started again: the same end, and no job started twice."""

import docker
import pytest

from tests.world.bot import Bot, wait
from tests.world.github import GitHubWorld

pytestmark = pytest.mark.engine

SPEC = """\
version: 1
services:
  web: {build: {root: web}, port: 8080, public: true, health: {tcp: 8080}}
jobs:
  seed:
    image: busybox
    on:
      deploy:
        entrypoint: [sh, -c]
        args:
          - |
            echo began
            sleep 3
            echo '{"ID": {"value": "42"}}' > $MATINEE_OUTPUT_FILE
            echo ended
"""
DOCKERFILE = """\
FROM busybox
ARG WAIT=0
RUN sleep $WAIT && date > /built
CMD ["httpd", "-f", "-p", "8080", "-h", "/"]
"""


@pytest.fixture
def world():
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(world, tmp_path):
    with Bot(tmp_path / "state", world.settings) as bot:
        world.hook = bot.hook
        yield bot


@pytest.fixture
def pull(world, bot, request):
    repository = world.repository("acme/shop", {"matinee.yaml": SPEC, "web/Dockerfile": DOCKERFILE})
    slow = {"web/Dockerfile": DOCKERFILE.replace("WAIT=0", "WAIT=3"), "web/salt": str(bot.state)}
    pull = repository.open_pull(files=slow)
    yield pull
    pull.close()
    bot.settled(pull.key.environment, None, "deleted")


def step(bot: Bot, pull, name: str) -> dict:
    return next((each for each in bot.of(pull.key.environment).get("steps", []) if each["name"] == name), {})


def runs(pull) -> list:
    label = {"label": [f"matinee.dev/environment={pull.key.environment}", "matinee.dev/job=seed"]}
    return docker.from_env().containers.list(all=True, filters=label)


def test_killed_in_a_build_it_builds_again_and_comes_up(bot, pull):
    wait(lambda: step(bot, pull, "build web").get("state") == "running", "the build", otherwise=bot.told)
    bot.end()
    bot.start()
    up = bot.settled(pull.key.environment, pull.head, "running")
    assert up["serving_sha"] == pull.head
    assert len(runs(pull)) == 1


def test_killed_while_a_job_runs_it_adopts_the_job(bot, pull):
    wait(lambda: [each for each in runs(pull) if each.status == "running"], "the job", otherwise=bot.told)
    (before,) = runs(pull)
    bot.end()
    bot.start()
    up = bot.settled(pull.key.environment, pull.head, "running")
    (after,) = runs(pull)
    assert (after.id, after.attrs["State"]["StartedAt"]) == (before.id, before.attrs["State"]["StartedAt"])
    assert [each["name"] for each in up["outputs"]] == ["ID"]
    log = bot.run("logs", pull.key.environment, "seed")
    assert log.splitlines() == ["began", "ended"]


def test_killed_after_a_job_ended_it_still_finds_its_outputs(bot, pull):
    wait(lambda: [each for each in runs(pull) if each.status == "running"], "the job", otherwise=bot.told)
    bot.end()
    wait(lambda: [each for each in runs(pull) if each.status == "exited"], "the job's end")
    bot.start()
    up = bot.settled(pull.key.environment, pull.head, "running")
    assert [each["name"] for each in up["outputs"]] == ["ID"]
    assert len(runs(pull)) == 1


def test_killed_while_it_reports_it_still_has_one_comment(bot, pull):
    wait(lambda: pull.comments, "the comment", otherwise=bot.told)
    bot.end()
    bot.start()
    bot.settled(pull.key.environment, pull.head, "running")
    wait(lambda: pull.status and pull.status.state == "success", "the status")
    assert len(pull.comments) == 1
    assert pull.comment.says(pull.head[:7])


def test_a_delivery_that_was_answered_survives_a_kill_at_once(world, bot, pull):
    pull.push({"web/salt": "other"})
    assert world.deliveries[-1].status == 202
    bot.end()
    bot.start()
    up = bot.settled(pull.key.environment, pull.head, "running")
    assert up["serving_sha"] == pull.head
