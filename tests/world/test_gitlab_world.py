"""The fake GitLab is one: what depends on it would be worth nothing else."""

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.events import Delivery, Event, Happening
from bot.forges import gitlab
from tests.world.git_http import credentials
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


def test_a_webhook_is_given_up_for_a_minute_then_for_twice_as_long_and_after_forty_failures_for_ever(
    world: GitLabWorld,
) -> None:
    door = Door("500 Internal Server Error")
    pull = world.repository("acme/shop").open_pull()
    with served(door) as url:
        world.hook = f"{url}/hooks/gitlab"
        heard = []
        for ahead in (0, 0, 0, 0, 59, 61, 61 + 119, 61 + 121):
            world.ahead = ahead
            pull.push()
            heard.append(len(door.heard))
        assert heard == [1, 2, 3, 4, 4, 5, 5, 6]
        while world.alert_status != "disabled":
            world.ahead += 25 * 3600
            pull.push()
        assert len(door.heard) == 40
        world.ahead += 10**7
        pull.push()
        assert len(door.heard) == 40
        door.status = "200 OK"
        world.deliveries[-1].redeliver()
        pull.push()
        assert len(door.heard) == 42


def test_a_delivery_that_is_tried_again_has_the_same_number_and_body(world: GitLabWorld) -> None:
    door = Door("503 Service Unavailable")
    with served(door) as url:
        world.hook = f"{url}/hooks/gitlab"
        world.repository("acme/shop").open_pull()
        door.status = "202 Accepted"
        world.deliveries[0].redeliver()
    assert world.deliveries[0].statuses == [503, 202]
    assert len({environ["HTTP_IDEMPOTENCY_KEY"] for environ in door.heard}) == 1


def test_a_late_commit_is_not_there_for_the_first_fetches(world: GitLabWorld, tmp_path: Path) -> None:
    pull = world.repository("acme/web/shop").open_pull(late=2)
    subprocess.run(["git", "init", "--bare", "--quiet", tmp_path], check=True)
    header = f"http.extraHeader={credentials(world.token)}"
    fetch = ["git", "-c", header, "fetch", "--quiet", "--depth=1", f"{world.base}/acme/web/shop.git", pull.head]
    codes = [subprocess.run(fetch, cwd=tmp_path, check=False, capture_output=True).returncode != 0 for _ in range(3)]
    assert codes == [True, True, False]


def test_git_is_not_served_without_the_token(world: GitLabWorld) -> None:
    world.repository("acme/web/shop")
    asked = ["git", "-c", "credential.helper=", "ls-remote", f"{world.base}/acme/web/shop.git"]
    silent = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    assert subprocess.run(asked, check=False, capture_output=True, env=silent).returncode == 128


def test_a_quick_action_is_carried_out_with_the_rights_of_whoever_wrote_it_and_one_of_the_bots_fails_the_test() -> None:
    with GitLabWorld() as world:
        pull = world.repository("acme/shop").open_pull()
        pull.say("ana", "/label ~preview")
        world.judge()
        pull.say(world.bot, "done\n/close")
        with pytest.raises(AssertionError, match=r"quick actions ran with the bot's rights: .*close"):
            world.judge()
        world.actions.clear()


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
