"""A bot that is a GitHub App, and what may become of an App meanwhile."""

from collections.abc import Iterator

import pytest

from bot.core.report import State
from tests.stories.test_pulls import SHOP
from tests.world.github import GitHubWorld
from tests.world.github_app import HOUR, App

pytestmark = pytest.mark.slow


@pytest.fixture
def forge() -> Iterator[GitHubWorld]:
    with GitHubWorld(app=True) as world:
        yield world


@pytest.fixture
def app(forge: GitHubWorld) -> App:
    assert forge.app is not None
    return forge.app


@pytest.fixture
def repository(forge):
    return forge.repository("acme/shop", SHOP)


def test_a_pull_lives_from_its_opening_to_its_end(repository, bot, app):
    pull = repository.open_pull()
    bot.settle()
    assert pull.comment.says("running")
    assert pull.status.state == "success"
    pull.push({"web/index.html": "newer"})
    bot.settle()
    assert pull.comment.says(pull.head[:7])
    pull.close()
    bot.settle()
    assert bot.report(pull).state is State.DELETED
    assert len(pull.comments) == 1
    assert {frozenset(issued.repositories) for issued in app.issued} == {frozenset({repository.id})}


def test_a_preview_outlives_its_tokens(repository, bot, forge, app):
    pull = repository.open_pull()
    bot.settle()
    first = len(app.issued)
    forge.ahead = HOUR + 60
    pull.push({"web/index.html": "newer"})
    bot.settle()
    assert bot.report(pull).serving == pull.head
    assert pull.comment.says(pull.head[:7])
    assert len(app.issued) == 2 * first


def test_while_the_app_is_suspended_a_push_waits(repository, bot, app):
    pull = repository.open_pull()
    bot.settle()
    before = pull.head
    app.installations[0].suspend()
    pull.push({"web/index.html": "newer"})
    bot.until_tried(pull, 1)
    report = bot.report(pull)
    assert "is suspended" in report.why
    assert [home.environment for home in bot.world.runner.homes()] == [pull.key.environment]
    app.installations[0].unsuspend()
    bot.until(pull, State.RUNNING, sha=pull.head)
    assert pull.head != before
    assert pull.comment.says(pull.head[:7])


def test_an_app_without_the_permission_for_statuses_still_comments(repository, bot, app):
    del app.permissions["statuses"]
    for each in app.installations:
        del each.permissions["statuses"]
    pull = repository.open_pull()
    bot.until(pull, State.RUNNING, sha=pull.head)
    assert pull.comment.says("running")
    assert pull.statuses == []
