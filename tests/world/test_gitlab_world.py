"""The fake GitLab is one: what depends on it would be worth nothing else."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bot.core.events import Delivery, Event, Happening
from bot.forges import gitlab
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_pipelines import Barred, CommitStatus, Pipeline
from tests.world.served import served


@pytest.fixture
def world() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        yield world


class Door:
    """Answers every delivery with the same."""

    def __init__(self, status: str) -> None:
        self.status = status
        self.heard: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        self.heard.append(environ)
        start(self.status, [("Content-Length", "0")])
        return [b""]


def test_everything_that_happens_is_told_in_its_order(world: GitLabWorld) -> None:
    door = Door("202 Accepted")
    with served(door) as url:
        world.hook = f"{url}/hooks/gitlab"
        pull = world.repository("acme/shop").open_pull()
        pull.push()
        pull.close()
        pull.reopen()
        pull.close(merged=True)
    assert [sent.action for sent in world.deliveries] == ["open", "update", "close", "reopen", "merge"]
    assert [environ["HTTP_X_GITLAB_TOKEN"] for environ in door.heard] == ["webhook-secret"] * 5
    assert [sent.status for sent in world.deliveries] == [202] * 5


def test_a_webhook_that_is_answered_wrongly_is_given_up_until_it_is_tried_with_success(world: GitLabWorld) -> None:
    shop = world.repository("acme/shop")
    with served(Door("400 Bad Request")) as url:
        world.hook = f"{url}/hooks/gitlab"
        for number in range(6):
            shop.open_pull(branch=f"branch-{number}")
    assert [sent.status for sent in world.deliveries] == [400] * 4 + [None] * 2
    assert world.alert_status == "temporarily_disabled"
    with served(Door("200 OK")) as url:
        world.hook = f"{url}/hooks/gitlab"
        world.deliveries[-1].redeliver()
    assert world.alert_status == "executable"


def test_a_delivery_is_signed_anew_each_time_and_keeps_its_number() -> None:
    with GitLabWorld(secret="", signing="whsec_bWF0aW5lZS1tYXRpbmVlLW1hdGluZWUtbWF0aW5lZS0=") as world:
        forge = gitlab.create(world.settings)
        world.repository("acme/shop").open_pull()
        sent = world.deliveries[0]
        world.ahead = 4000
        late = tuple((name.lower(), value) for name, value in world.signed(sent).items())
        assert forge.verify(Delivery(headers=late, body=sent.body)) is not None
        world.ahead = 0
        again = Delivery(headers=tuple((n.lower(), v) for n, v in world.signed(sent).items()), body=sent.body)
        assert forge.verify(again) is None
        event = forge.read(again)
        assert isinstance(event, Event)
        assert (event.delivery, event.happening) == (sent.key, Happening.OPENED)


def test_a_story_may_hold_deliveries_back(world: GitLabWorld) -> None:
    door = Door("200 OK")
    with served(door) as url, world.holding() as held:
        world.hook = f"{url}/hooks/gitlab"
        world.repository("acme/shop").open_pull()
        assert door.heard == []
        assert held[0].redeliver() == 200


def status(state: str) -> CommitStatus:
    pipeline = Pipeline(id=1, sha="a" * 40, ref="main")  # type: ignore[arg-type]
    return CommitStatus(id=1, sha=pipeline.sha, name="matinee", author="bot", created=0, pipeline=pipeline, state=state)


@pytest.mark.parametrize(
    ("before", "wanted", "possible"),
    [
        ("created", "pending", True),
        ("created", "running", True),
        ("created", "success", True),
        ("pending", "pending", False),
        ("pending", "running", True),
        ("running", "pending", False),
        ("running", "running", False),
        ("running", "failed", True),
    ],
)
def test_a_status_goes_only_where_ways_lead(before: str, wanted: str, possible: bool) -> None:
    it = status(before)
    if possible:
        it.become(wanted)
        assert it.state == wanted
    else:
        with pytest.raises(Barred, match=f"Cannot transition status via :.* from :{before}"):
            it.become(wanted)
        assert it.state == before


def test_what_many_threads_do_at_once_is_all_told(world: GitLabWorld) -> None:
    shop = world.repository("acme/shop")
    pulls = [shop.open_pull(branch=f"branch-{number}") for number in range(3)]
    threads = [threading.Thread(target=pull.push) for pull in pulls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.deliveries) == 6
