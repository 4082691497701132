"""Lists of GitLab's that have more than one page, in both of its ways to turn them."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from bot.core.report import State
from bot.forges import gitlab
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.request import Rejected, Request
from tests.forges.gitlab_fixtures import report
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_environments import deploy

ANY: TypeAdapter[list[dict[str, Any]]] = TypeAdapter(list[dict[str, Any]])


@pytest.fixture
def world() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        yield world


def ids(world: GitLabWorld, path: str) -> list[int]:
    asked = Request(verb="GET", path=path, doing="turn pages", rights="none")
    return [each["id"] for each in Api(world.base, world.token).pages(asked, ANY)]


@pytest.mark.parametrize(
    ("query", "asked"),
    [("", 2), ("?pagination=keyset&order_by=id&sort=asc", 3), ("?pagination=keyset&order_by=id&sort=desc", 3)],
    ids=["offset", "keyset", "keyset backwards"],
)
def test_every_page_is_turned_and_once(world: GitLabWorld, query: str, asked: int) -> None:
    made = [world.repository(f"acme/shop-{number}").id for number in range(3)]
    world.biggest = 2
    assert ids(world, f"/projects{query}") == (made[::-1] if "desc" in query else made)
    assert world.requests.count("GET /projects") == asked


def test_a_list_that_gitlab_turns_by_offset_alone_is_not_turned_by_keyset(world: GitLabWorld) -> None:
    shop = world.repository("acme/shop")
    with pytest.raises(Rejected, match="405"):
        ids(world, f"/projects/{shop.id}/deployments?pagination=keyset&order_by=id")


def test_a_stop_cancels_all_that_runs_beyond_the_first_page(world: GitLabWorld) -> None:
    shop = world.repository("acme/shop")
    pull, forge = shop.open_pull(), gitlab.create(world.settings)
    forge.tell(forge.pull(pull.key), report(pull, State.DEPLOYING))
    (place,) = shop.deployed.environments
    for _ in range(4):
        deploy(shop, place, sha=pull.head, ref="feature", status="running")
    world.biggest = 2
    forge.tell(forge.pull(pull.key), report(pull, State.STOPPED))
    assert {each.status for each in shop.deployed.deployments} == {"canceled"}
