"""One bot at two forges: each pull is told where it is, and neither forge's trouble is the other's."""

import http.client
import itertools
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.report import State
from builders.base import NONE
from tests.stories.bot import StoryBot
from tests.stories.conftest import WORLDS
from tests.stories.test_pulls import SHOP
from tests.world.bot import Bot
from tests.world.forge import ForgeWorld
from tests.world.github import GitHubWorld
from tests.world.gitlab import GitLabWorld

pytestmark = pytest.mark.slow

FILES = {"matinee.yaml": "version: 1\nservices:\n  web: {image: busybox, port: 80, public: true}\n"}


class AtBoth(StoryBot):
    """Also of a second forge."""

    def __init__(self, first: ForgeWorld, second: ForgeWorld, state: Path, more: Mapping[str, str] = NONE) -> None:
        self._second = second
        self.more = {**{f"MATINEE_{name.upper()}": value for name, value in second.settings.items()}, **more}
        super().__init__(first, state)

    def __enter__(self) -> "AtBoth":
        super().__enter__()
        self._second.hook = str(self._forge.hook).replace(self._forge.name, self._second.name)
        return self


@pytest.fixture
def worlds() -> Iterator[dict[str, ForgeWorld]]:
    """Two forges that give their repositories the same numbers."""
    with GitHubWorld() as github, GitLabWorld() as gitlab:
        github._numbers, gitlab._numbers = itertools.count(77), itertools.count(77)
        yield {"github": github, "gitlab": gitlab}


@pytest.fixture
def bot(worlds, tmp_path) -> Iterator[AtBoth]:
    with AtBoth(worlds["github"], worlds["gitlab"], tmp_path / "state") as bot:
        yield bot


@pytest.fixture
def shops(worlds, bot):
    return {name: world.repository("acme/shop", SHOP) for name, world in worlds.items()}


def test_the_same_pull_of_the_same_repository_at_two_forges_is_two_environments(shops, bot):
    assert {shop.id for shop in shops.values()} == {77}
    pulls = {name: shop.open_pull() for name, shop in shops.items()}
    bot.settle()
    assert {home.environment for home in bot.world.runner.homes()} == {"github-77-1", "gitlab-77-1"}
    urls = {name: bot.report(pull).url for name, pull in pulls.items()}
    assert len(set(urls.values())) == 2
    for name, pull in pulls.items():
        assert pull.comment.says(urls[name])
        assert len(pull.comments) == 1
        assert pull.status.state == "success"
    pulls["gitlab"].close()
    bot.settle()
    assert bot.report(pulls["gitlab"]).state is State.DELETED
    assert bot.report(pulls["github"]).state is State.RUNNING
    assert pulls["github"].comment.says("running")


def test_what_people_say_and_push_at_one_forge_is_done_there(shops, bot):
    github, gitlab = (shop.open_pull() for shop in shops.values())
    bot.settle()
    gitlab.say("ana", "/preview stop")
    pushed = github.push({"web/a": "1"})
    bot.settle()
    assert bot.report(gitlab).state is State.STOPPED
    assert gitlab.signs == [["eyes", "rocket"]]
    assert bot.report(github).serving == pushed
    assert github.signs == []


def test_somebody_who_may_write_at_one_forge_is_nobody_at_the_other(worlds, bot):
    mine = {"github": "read", "gitlab": "write"}
    shops = {name: world.repository("acme/shop", SHOP, eve=mine[name]) for name, world in worlds.items()}
    pulls = {name: shop.open_pull(author="eve") for name, shop in shops.items()}
    bot.settle()
    assert {name: bot.report(pull).state for name, pull in pulls.items()} == {
        "github": State.REFUSED,
        "gitlab": State.RUNNING,
    }


@pytest.mark.parametrize("away", ["github", "gitlab"])
def test_while_one_forge_is_away_the_others_pulls_are_deployed_and_told(worlds, shops, bot, away):
    (here,) = set(worlds) - {away}
    pulls = {name: shop.open_pull() for name, shop in shops.items()}
    bot.settle()
    with worlds[away].outage():
        for pull in pulls.values():
            pull.push({"web/a": "1"})
        bot.until(pulls[here], State.RUNNING, sha=pulls[here].head)
        assert pulls[here].comment.says(pulls[here].head[:7])
        assert not pulls[away].comment.says(pulls[away].head[:7])
        bot.until_tried(pulls[away], 1)
        assert len(list(bot.world.runner.homes())) == 2
    bot.later(timedelta(minutes=2))
    bot.until(pulls[away], State.RUNNING, sha=pulls[away].head)
    assert pulls[away].comment.says(pulls[away].head[:7])


@pytest.mark.parametrize("unready", [world.name for world in WORLDS])
def test_a_forge_without_a_secret_is_told_which_are_served_and_the_other_is(worlds, tmp_path, unready):
    (ready,) = set(worlds) - {unready}
    without = {f"MATINEE_{unready.upper()}_WEBHOOK_SECRET": ""}
    with AtBoth(worlds["github"], worlds["gitlab"], tmp_path / "state", without) as bot:
        pulls = {name: world.repository("acme/shop", SHOP).open_pull() for name, world in worlds.items()}
        (refused,) = worlds[unready].deliveries
        assert refused.status == 404
        assert f"known are {ready}" in json.loads(refused.answer)["why"]
        bot.settle()
        assert bot.report(pulls[ready]).state is State.RUNNING
        assert [status.environment for status in bot.world.inbox.lanes()] == [pulls[ready].key.environment]


def test_one_process_serves_both(worlds, tmp_path):
    shared = {"runner": "memory", "builder": "memory"}
    with Bot(tmp_path / "state", {**worlds["github"].settings, **worlds["gitlab"].settings, **shared}) as bot:
        for name, world in worlds.items():
            world.hook = f"http://127.0.0.1:{bot.port}/hooks/{name}"
        pulls = [world.repository("acme/shop", FILES).open_pull() for world in worlds.values()]
        for pull in pulls:
            bot.settled(pull.key.environment, pull.head, "running")
        (crossed,) = [sent for sent in worlds["github"].deliveries if sent.event == "pull_request"]
        connection = http.client.HTTPConnection("127.0.0.1", bot.port, timeout=10)
        connection.request("POST", "/hooks/gitlab", body=crossed.body, headers=dict(crossed.headers))
        assert connection.getresponse().status == 401
        connection.close()
