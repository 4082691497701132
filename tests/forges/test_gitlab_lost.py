import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.errors import Unavailable
from bot.core.events import Event
from bot.forges import gitlab
from bot.forges.gitlab import GitLab
from tests.world.bot import free_port
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_project import Project
from tests.world.served import served

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def world() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        world.hook = f"http://127.0.0.1:{free_port()}/hooks/gitlab"
        yield world


@pytest.fixture
def shop(world: GitLabWorld) -> Project:
    return world.repository("acme/shop")


@pytest.fixture
def forge(world: GitLabWorld) -> GitLab:
    return gitlab.create(world.settings)


def lost(forge: GitLab, *projects: Project, since: datetime = LONG_AGO) -> list[str]:
    found = [forge.read(delivery) for delivery in forge.lost([str(each.id) for each in projects], since)]
    return [event.happening for event in found if isinstance(event, Event)]


def test_what_nobody_took_is_found_in_its_order(shop: Project, forge: GitLab) -> None:
    pull = shop.open_pull()
    pull.push()
    pull.close()
    assert lost(forge, shop) == ["opened", "pushed", "closed"]


def test_a_lost_delivery_keeps_its_number(world: GitLabWorld, shop: Project, forge: GitLab) -> None:
    shop.open_pull()
    (delivery,) = forge.lost([str(shop.id)], LONG_AGO)
    event = forge.read(delivery)
    assert isinstance(event, Event)
    assert event.delivery == world.deliveries[0].key


def test_what_arrived_when_it_was_sent_again_is_not_lost(world: GitLabWorld, shop: Project, forge: GitLab) -> None:
    shop.open_pull()

    def door(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("202 Accepted", [("Content-Length", "0")])
        return [b""]

    with served(door) as url:
        world.hook = f"{url}/hooks/gitlab"
        world.deliveries[0].redeliver()
    assert lost(forge, shop) == []


def test_only_what_happened_since_then_counts(shop: Project, forge: GitLab) -> None:
    shop.open_pull()
    assert lost(forge, shop, since=datetime.now(UTC) + timedelta(days=4000)) == []


def test_a_body_of_another_project_does_not_come_from_this_ones_webhook(
    world: GitLabWorld, shop: Project, forge: GitLab
) -> None:
    other = world.repository("acme/other")
    other.open_pull()
    assert lost(forge, shop) == []
    assert lost(forge, other) == ["opened"]


@pytest.mark.parametrize("body", [{}, {"project": 1}, {"project": {"id": None}}, {"object_attributes": {}}])
def test_a_body_that_somebody_else_formed_raises_nothing(
    world: GitLabWorld, shop: Project, forge: GitLab, body: dict[str, Any]
) -> None:
    shop.open_pull()
    world.deliveries[0].body = json.dumps(body).encode()
    assert lost(forge, shop) == []


def test_a_webhook_that_the_token_may_not_see_is_said_once(
    world: GitLabWorld, shop: Project, forge: GitLab, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    shop.open_pull()
    shop.alter(world.bot, level=30)
    assert [lost(forge, shop), lost(forge, shop)] == [[], []]
    assert caplog.text.count("cannot be found") == 1


def test_a_project_that_does_not_answer_hides_no_other(world: GitLabWorld, shop: Project, forge: GitLab) -> None:
    other = world.repository("acme/other")
    shop.open_pull()
    world.fail_next("GET", f"/projects/{other.id}/hooks", status=500, times=3)
    looked = forge.lost([str(other.id), "no number", str(shop.id)], LONG_AGO)
    assert json.loads(next(looked).body) == json.loads(world.deliveries[0].body)
    with pytest.raises(Unavailable):
        next(looked)
