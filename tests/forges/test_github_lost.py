"""Deliveries that nobody took, as GitHub lists them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import Unavailable
from bot.core.events import Event
from bot.forges import github
from tests.world.github import GitHubWorld

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def hook(world):
    """Where nobody listens."""
    world.hook = "http://127.0.0.1:1/hooks/github"


def guids(forge, *repositories, since=LONG_AGO):
    return [each.header("x-github-delivery") for each in forge.lost([str(it.id) for it in repositories], since)]


def test_what_was_lost_is_read_as_it_would_have_come_the_oldest_first(world, shop, forge):
    pull = shop.open_pull()
    pull.push()
    pull.close()
    found = list(forge.lost([str(shop.id)], LONG_AGO))
    told = [forge.read(each) for each in found]
    assert [each.header("x-github-delivery") for each in found] == [sent.key for sent in world.deliveries]
    assert all(isinstance(each, Event) and each.key == pull.key for each in told)
    assert [each.happening.value for each in told] == ["opened", "pushed", "closed"]


def test_what_arrived_or_arrived_when_it_was_sent_again_is_not_lost(world, shop, forge):
    pull = shop.open_pull()
    pull.push()
    first, second = world.deliveries
    first.statuses[:] = [202]
    second.statuses[:] = [0, 503, 202]
    pull.close()
    assert guids(forge, shop) == [world.deliveries[2].key]


def test_what_was_refused_is_lost_too(world, shop, forge):
    shop.open_pull()
    world.deliveries[0].statuses[:] = [401, 503]
    assert guids(forge, shop) == [world.deliveries[0].key]


def test_it_is_looked_back_as_far_as_it_is_asked(world, shop, forge):
    pull = shop.open_pull()
    pull.push()
    world.deliveries[0].at -= 3600
    assert guids(forge, shop, since=datetime.now(UTC) - timedelta(minutes=30)) == [world.deliveries[1].key]


def test_a_long_list_is_followed_from_page_to_page(world, shop, forge):
    for number in range(130):
        shop.open_pull(branch=f"branch-{number}")
    assert len(guids(forge, shop)) == 130


def test_events_that_tell_us_nothing_are_not_read(world, shop, forge):
    world.ping()
    assert guids(forge, shop) == []
    assert not [each for each in world.requests if "/deliveries/" in each]


def test_one_repository_that_does_not_answer_hides_no_other_and_is_said(world, shop, forge):
    other = world.repository("acme/other", {"README.md": "other"})
    shop.open_pull()
    world.fail_next("GET", f"/repositories/{other.id}/hooks", status=500, times=9)
    found = []
    with pytest.raises(Unavailable):
        found.extend(forge.lost([str(other.id), str(shop.id)], LONG_AGO))
    assert [each.header("x-github-delivery") for each in found] == [world.deliveries[0].key]


@pytest.mark.parametrize("status", [403, 404])
def test_a_repository_whose_webhooks_are_not_shown_is_said_once_and_is_no_failure(world, shop, forge, status, caplog):
    shop.open_pull()
    for _ in range(2):
        world.fail_next("GET", "/hooks", status=status, message="Not for you")
        assert guids(forge, shop) == []
    assert caplog.text.count(str(shop.id)) == 1


def test_a_webhook_that_leads_elsewhere_is_none_of_ours(world, shop, forge):
    world.hook = "http://127.0.0.1:1/elsewhere"
    shop.open_pull()
    assert guids(forge, shop) == []


def test_an_app_has_one_webhook_for_all_its_repositories():
    with GitHubWorld(app=True) as world:
        world.hook = "http://127.0.0.1:1/hooks/github"
        world.repository("acme/shop", {"README.md": "shop"}).open_pull()
        world.repository("acme/other", {"README.md": "other"}).open_pull()
        forge = github.create(world.settings)
        lost = {each.header("x-github-delivery") for each in forge.lost([], LONG_AGO)}
    assert {sent.key for sent in world.deliveries if sent.event == "pull_request"} <= lost
