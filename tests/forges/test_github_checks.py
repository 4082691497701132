"""What `matinee doctor` says of GitHub, with one thing wrong at a time."""

from collections.abc import Callable, Iterator

import pytest

from bot.core.telling.checkup import Check, Health
from bot.forges import github
from tests.world.bot import free_port
from tests.world.github import GitHubWorld
from tests.world.github_app import App
from tests.world.github_repository import Repository


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld(app=True) as world:
        world.hook = f"http://127.0.0.1:{free_port()}/hooks/github"
        yield world


@pytest.fixture
def app(world: GitHubWorld) -> App:
    assert world.app is not None
    return world.app


@pytest.fixture
def shop(world: GitHubWorld) -> Repository:
    return world.repository("acme/shop")


def seen(world: GitHubWorld, *repositories: Repository, **others: str) -> dict[str, Check]:
    """What is said of each thing, by name."""
    named = {str(it.id): it.full_name for it in repositories}
    checks = list(github.create({**world.settings, **others}).checks(named))
    found = {check.name: check for check in checks}
    assert len(found) == len(checks)
    assert all(check.advice for check in checks if check.state is not Health.OK)
    return found


def test_an_app_that_has_all_is_well(world: GitHubWorld, shop: Repository) -> None:
    found = seen(world, shop)
    assert {name for name, check in found.items() if check.state is not Health.OK} == set()
    assert {*found} == {
        "github webhook secret",
        "github app",
        "github clock",
        "github app permissions",
        "github app events",
        "github app webhook",
        "github app on acme",
        "github acme/shop",
    }
    assert "as matinee-bot" in found["github app"].why


def lacking_permission(app: App) -> None:
    app.permissions["statuses"] = "read"
    del app.permissions["deployments"]


def lacking_event(app: App) -> None:
    app.events.remove("issue_comment")


def not_accepted(app: App) -> None:
    del app.installations[0].permissions["checks"]


def suspended(app: App) -> None:
    app.installations[0].suspend()


def nowhere(app: App) -> None:
    app.installations.clear()


def elsewhere(app: App) -> None:
    app.installations[0].repositories = []


def led_astray(app: App) -> None:
    app.world.hook = "https://matinee.example/"


def ahead(app: App) -> None:
    app.world.ahead = 95


@pytest.mark.parametrize(
    ("wrong", "name", "why", "advice"),
    [
        (lacking_permission, "github app permissions", "Commit statuses: write (say on the commit", "accept them"),
        (lacking_permission, "github app permissions", "Deployments: write (show the", "Permissions & events"),
        (lacking_event, "github app events", "Issue comments (commands in the conversation", "choose these events"),
        (not_accepted, "github app on acme", "it lacks Checks: write", "have an owner of acme accept"),
        (suspended, "github app on acme", "it is suspended", "have an owner of acme unsuspend it"),
        (nowhere, "github app installations", "installed nowhere", "install it"),
        (elsewhere, "github acme/shop", "not installed there", "install it for acme/shop"),
        (led_astray, "github app webhook", "does not lead to /hooks/github", "set its URL"),
        (ahead, "github clock", "s behind GitHub's", "NTP"),
    ],
)
def test_what_an_app_lacks_is_named_with_what_to_do(
    world: GitHubWorld, app: App, shop: Repository, wrong: Callable[[App], None], name: str, why: str, advice: str
) -> None:
    wrong(app)
    check = seen(world, shop)[name]
    assert check.state is Health.WARNING
    assert why in check.why
    assert advice in check.advice


def test_an_app_that_github_does_not_know_is_said_once(world: GitHubWorld, shop: Repository) -> None:
    found = seen(world, shop, github_app_id="4711")
    assert {name for name, check in found.items() if check.state is Health.FAILED} == {"github app"}
    assert "github acme/shop" not in found


def test_deliveries_of_an_app_that_nobody_took_are_told_until_they_arrived(
    world: GitHubWorld, app: App, shop: Repository
) -> None:
    shop.open_pull()
    check = seen(world, shop)["github app webhook"]
    assert check.state is Health.WARNING
    assert "1 of the last 1 deliveries failed; the newest of them was answered with nothing" in check.why
    world.deliveries[0].statuses.append(202)
    assert "the last 1 deliveries arrived" in seen(world, shop)["github app webhook"].why


@pytest.mark.parametrize(
    ("call", "lacks"),
    [
        ("/git/ref/heads/main", "Contents: read (fetch commits"),
        ("/pulls", "Pull requests: write (read pulls"),
        ("/deployments", "Deployments: write (show the preview's URL"),
    ],
)
def test_a_permission_that_a_fine_grained_token_lacks_is_named(call: str, lacks: str) -> None:
    with GitHubWorld() as world:
        shop = world.repository("acme/shop")
        assert seen(world, shop)["github acme/shop"].state is Health.OK
        world.fail_next("GET", call, status=403, message="Resource not accessible by personal access token")
        check = seen(world, shop)["github acme/shop"]
        assert check.state is Health.WARNING
        assert f"the token lacks {lacks}" in check.why


def test_a_webhook_of_a_repository_that_does_not_tell_all_is_a_warning() -> None:
    with GitHubWorld() as world:
        world.hook = "https://matinee.example/hooks/github"
        world.events = ["pull_request", "repository", "pull_request_review", "pull_request_review_comment"]
        check = seen(world, world.repository("acme/shop"))["github acme/shop webhook"]
        assert check.why == "it does not tell of Issue comments (commands in the conversation of a pull)"
