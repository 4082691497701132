"""What is done while GitHub wants to be left alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import Limited
from bot.core.report import State
from bot.forges.github import GitHub
from tests.forges import told
from tests.forges.told import report, tell
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull, Repository

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def pass_by(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def forge(world: GitHubWorld, clock: Clock) -> GitHub:
    return told.forge(world, now=clock.now)


def writes(world: GitHubWorld) -> int:
    return sum(not request.startswith("GET") for request in world.requests)


@pytest.mark.parametrize(
    ("status", "headers", "message", "seconds"),
    [
        pytest.param(403, {"Retry-After": "47"}, SECONDARY, 47, id="it says how long"),
        pytest.param(429, {"Retry-After": "5"}, "", 5, id="too many requests"),
        pytest.param(
            403,
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START.timestamp()) + 600)},
            "API rate limit exceeded for user ID 1.",
            600,
            id="it says until when",
        ),
        pytest.param(
            403,
            {"Retry-After": "9", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START.timestamp()) + 600)},
            SECONDARY,
            9,
            id="it says both",
        ),
        pytest.param(403, {}, SECONDARY, 60, id="it says nothing"),
        pytest.param(429, {"Retry-After": "soon"}, SECONDARY, 60, id="it says nonsense"),
        pytest.param(429, {"Retry-After": "9" * 11}, "", 3600, id="it says more than can be"),
        pytest.param(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, "", 1, id="it has passed already"),
    ],
)
def test_every_write_waits_for_as_long_as_github_says(
    world: GitHubWorld,
    forge: GitHub,
    pull: Pull,
    clock: Clock,
    status: int,
    headers: Mapping[str, str],
    message: str,
    seconds: int,
) -> None:
    world.fail_next("POST", status=status, headers=headers, message=message)
    with pytest.raises(Limited) as limited:
        tell(forge, pull)
    assert limited.value.until == START + timedelta(seconds=seconds)
    clock.pass_by(seconds - 0.5)
    before = writes(world)
    with pytest.raises(Limited) as again:
        tell(forge, pull)
    assert again.value.until == limited.value.until
    assert writes(world) == before
    clock.pass_by(0.5)
    tell(forge, pull)
    assert pull.comment.says("running")


def test_other_pulls_wait_too_and_reads_do_not(
    world: GitHubWorld, forge: GitHub, shop: Repository, pull: Pull, clock: Clock
) -> None:
    other = shop.open_pull(branch="other")
    tell(forge, other, State.DEPLOYING)
    world.fail_next("POST", status=403, message=SECONDARY)
    with pytest.raises(Limited):
        tell(forge, pull)
    assert forge.pull(other.key).open
    with pytest.raises(Limited):
        tell(forge, other)
    assert other.comment.says("being deployed")
    clock.pass_by(60)
    tell(forge, other)
    assert other.comment.says("running")


def test_a_limit_that_says_nothing_lasts_twice_as_long_each_time_until_a_write_succeeds(
    world: GitHubWorld, forge: GitHub, pull: Pull, clock: Clock
) -> None:
    known = forge.pull(pull.key)
    waits = []
    for _ in range(8):
        world.fail_next("POST", status=403, message=SECONDARY)
        with pytest.raises(Limited) as limited:
            forge.tell(known, report(pull))
        waits.append((limited.value.until - clock.time).total_seconds())
        clock.time = limited.value.until
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    forge.tell(known, report(pull))
    world.fail_next("PATCH", status=403, message=SECONDARY)
    with pytest.raises(Limited) as limited:
        forge.tell(known, report(pull, State.FAILED))
    assert limited.value.until == clock.time + timedelta(seconds=60)


def test_a_read_that_is_limited_stops_the_writes_as_well(
    world: GitHubWorld, forge: GitHub, pull: Pull, clock: Clock
) -> None:
    known = forge.pull(pull.key)
    tell(forge, pull, State.DEPLOYING)
    world.limit_next(retry_after=30)
    with pytest.raises(Limited):
        forge.pull(pull.key)
    with pytest.raises(Limited):
        forge.tell(known, report(pull))
    clock.pass_by(30)
    forge.tell(known, report(pull))
    assert pull.comment.says("running")


def test_a_refusal_that_is_no_limit_stops_nothing(world: GitHubWorld, forge: GitHub, pull: Pull) -> None:
    world.fail_next("POST", "/statuses", status=403, message="Resource not accessible by integration")
    with pytest.raises(Exception, match="statuses: write"):
        tell(forge, pull)
    tell(forge, pull)
    assert pull.status is not None
