"""What a pull shows besides its comment, and what becomes of it when the forge wants to be left alone."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.report import State
from tests.stories.bot import StoryBot
from tests.stories.conftest import BOTH
from tests.stories.test_pulls import SHOP
from tests.world.bot import Bot, wait
from tests.world.github import GitHubWorld

pytestmark = pytest.mark.slow

BROKEN = """\
version: 1
services:
  web: {build: {root: web}, port: x}
"""


@pytest.fixture
def repository(forge):
    return forge.repository("acme/shop", SHOP)


@pytest.fixture
def app() -> Iterator[GitHubWorld]:
    with GitHubWorld(app=True) as world:
        yield world


def test_a_preview_is_a_deployment_for_as_long_as_it_is_there(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    (deployment,) = repository.deployments
    assert (deployment.sha, deployment.state) == (pull.head, "success")
    assert deployment.statuses[-1].environment_url == bot.report(pull).url
    pull.push({"web/index.html": "newer"})
    bot.settle()
    assert [(each.sha, each.state) for each in repository.deployments] == [
        (pull.shas[0], "inactive"),
        (pull.shas[1], "success"),
    ]
    pull.close()
    bot.settle()
    assert [each.state for each in repository.deployments] == ["inactive", "inactive"]


def test_an_app_shows_a_check_and_a_mistake_in_the_spec_at_its_line(app, tmp_path):
    repository = app.repository("acme/shop", SHOP)
    with StoryBot(app, tmp_path / "state") as bot:
        pull = repository.open_pull(
            files={"matinee.yaml": "version: 1\nservices:\n  web: {build: {root: web}, port: x}\n"}
        )
        bot.settle()
        (refused,) = repository.check_runs
        assert (refused.sha, refused.conclusion) == (pull.head, "failure")
        assert [(each["path"], each["start_line"]) for each in refused.annotations] == [("matinee.yaml", 3)]
        pull.push({"matinee.yaml": SHOP["matinee.yaml"]})
        bot.settle()
        assert [run.conclusion for run in repository.check_runs if run.sha == pull.head] == ["success"]
        assert pull.comment.says("running")


@BOTH
def test_many_steps_are_few_writes(repository, bot):
    began = time.monotonic()
    pull = repository.open_pull()
    bot.settle()
    assert pull.comment.edits <= 2 + (time.monotonic() - began) / 2


@BOTH
def test_a_limit_in_the_middle_of_a_deploy_ends_with_the_newest_report(repository, forge, bot):
    with bot.held_at("web") as reached:
        pull = repository.open_pull()
        assert reached.wait(20)
        wait(lambda: pull.status is not None, "the first status")
        forge.limit_next(part=forge.COMMENTS, retry_after=1, times=2)
    bot.settle()
    assert bot.report(pull).state is State.RUNNING
    assert pull.comment.says("running")
    assert pull.status.state == "success"


@BOTH
def test_a_turn_that_may_not_read_is_taken_again_when_the_forge_says(repository, forge, bot):
    forge.limit_next("GET", forge.PULLS, retry_after=300)
    pull = repository.open_pull()
    bot.until_tried(pull, 1)
    status = bot.status(pull)
    assert status.due_at > bot.world.inbox.now + timedelta(seconds=200)
    assert status.report.state is State.QUEUED


@BOTH
def test_a_bot_that_ends_before_the_forge_took_its_report_tells_it_after_its_restart(repository, forge, tmp_path: Path):
    with StoryBot(forge, tmp_path / "state") as bot:
        with bot.held_at("web") as reached:
            pull = repository.open_pull()
            assert reached.wait(20)
            wait(lambda: pull.status is not None, "the first status")
            forge.limit_next(part=forge.COMMENTS, retry_after=3, times=2**31)
        bot.until(pull, State.RUNNING)
        assert not pull.comment.says("running")
    forge.heal()
    with StoryBot(forge, tmp_path / "state") as bot:
        bot.settle()
        assert pull.comment.says("running")
        assert pull.status.state == "success"


def test_a_bot_that_is_killed_before_the_forge_took_its_report_tells_it_when_it_is_back(repository, forge, tmp_path):
    forge.limit_next(part=forge.COMMENTS, retry_after=2, times=2**31)
    bot = Bot(tmp_path / "state", {**forge.settings, "runner": "memory", "builder": "memory"})
    with bot:
        forge.hook = bot.hook
        pull = repository.open_pull()
        bot.settled(pull.key.environment, pull.head, "running")
        bot.end()
        assert pull.comments == []
        forge.heal()
        bot.start()
        wait(lambda: pull.comments and pull.comment.says("running"), "the comment", otherwise=bot.told)


def test_a_check_that_is_refused_for_ever_holds_nothing_up(app, tmp_path):
    repository = app.repository("acme/shop", SHOP)
    app.fail_next("", "/check-runs", status=500, times=2**31)
    with StoryBot(app, tmp_path / "state") as bot:
        pull = repository.open_pull()
        bot.settle()
        assert pull.comment.says("running")
        assert repository.check_runs == []
