from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.events import Delivery, Ignored
from bot.core.telling.checkup import Blame, Check, Health
from bot.forges import gitlab
from tests.forges.gitlab_fixtures import report
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_project import Project
from tests.world.served import served


@pytest.fixture
def world() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        world.hook = "http://127.0.0.1:9/hooks/gitlab"
        yield world


@pytest.fixture
def shop(world: GitLabWorld) -> Project:
    return world.repository("acme/web/shop")


def seen(world: GitLabWorld, *projects: Project, mend: bool = False, **settings: str) -> dict[str, Check]:
    forge = gitlab.create({**world.settings, **settings})
    shown = {str(each.id): each.full_name for each in projects}
    return {check.name: check for check in forge.checks(shown, mend=mend)}


def test_a_gitlab_that_can_be_worked_with_is_well(world: GitLabWorld, shop: Project) -> None:
    checks = seen(world, shop)
    assert {check.state for check in checks.values()} == {Health.OK}
    assert "as matinee-bot" in checks["gitlab token"].why
    assert list(checks) == [
        "gitlab webhook secret",
        "gitlab token",
        "gitlab clock",
        "gitlab acme/web/shop",
        "gitlab acme/web/shop webhook",
        "gitlab acme/web/shop environments",
    ]


@pytest.mark.parametrize(
    ("settings", "name", "said"),
    [
        ({"gitlab_webhook_secret": ""}, "gitlab webhook secret", "MATINEE_GITLAB_SIGNING_TOKEN"),
        ({"gitlab_token": ""}, "gitlab token", "MATINEE_GITLAB_TOKEN"),
    ],
)
def test_half_of_the_settings_is_the_operators_to_mend(
    world: GitLabWorld, settings: dict[str, str], name: str, said: str
) -> None:
    check = seen(world, **settings)[name]
    assert (check.state, check.blame) == (Health.FAILED, Blame.SETTINGS)
    assert said in check.advice


def test_a_token_that_gitlab_does_not_take_ends_the_look(world: GitLabWorld, shop: Project) -> None:
    checks = seen(world, shop, gitlab_token="glpat-another")
    assert list(checks) == ["gitlab webhook secret", "gitlab token"]
    assert checks["gitlab token"].state is Health.FAILED
    assert "MATINEE_GITLAB_TOKEN" in checks["gitlab token"].advice
    assert "glpat" not in checks["gitlab token"].why


@pytest.mark.parametrize(
    ("scopes", "days", "said"),
    [
        (["read_api", "read_repository"], None, "read_api, read_repository"),
        ([], None, "none"),
        (["api"], 3, "it ends on"),
    ],
)
def test_a_token_that_cannot_all_or_not_for_long_is_a_warning(
    world: GitLabWorld, scopes: list[str], days: int | None, said: str
) -> None:
    world.scopes = scopes
    world.expires_at = days and f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"
    token = seen(world)["gitlab token"]
    assert token.state is Health.WARNING
    assert said in token.why


def test_a_token_with_months_to_go_is_well(world: GitLabWorld) -> None:
    world.expires_at = f"{datetime.now(UTC) + timedelta(days=100):%Y-%m-%d}"
    assert seen(world)["gitlab token"].state is Health.OK


def test_a_gitlab_that_tells_nothing_of_scopes_is_taken_as_it_is(world: GitLabWorld) -> None:
    world.fail_next("GET", "/personal_access_tokens/self", status=404)
    assert seen(world)["gitlab token"].state is Health.OK


@pytest.mark.parametrize(("ahead", "says"), [(95, "s behind GitLab's"), (-3600, "s ahead of GitLab's")])
def test_a_clock_that_is_not_gitlabs_is_a_warning(world: GitLabWorld, ahead: float, says: str) -> None:
    world.ahead = ahead
    clock = seen(world)["gitlab clock"]
    assert clock.state is Health.WARNING
    assert says in clock.why


@pytest.mark.parametrize(("level", "says"), [(0, "does not show it"), (20, "put no status")])
def test_a_project_in_which_the_token_may_too_little_is_a_warning(
    world: GitLabWorld, shop: Project, level: int, says: str
) -> None:
    shop.alter(world.bot, level=level)
    check = seen(world, shop)["gitlab acme/web/shop"]
    assert check.state is Health.WARNING
    assert says in check.why


def test_a_webhook_that_the_token_may_not_see_is_no_failure(world: GitLabWorld, shop: Project) -> None:
    shop.alter(world.bot, level=30)
    check = seen(world, shop)["gitlab acme/web/shop webhook"]
    assert check.state is Health.OK
    assert "may not see webhooks" in check.why


def test_a_webhook_that_leads_elsewhere_is_none(world: GitLabWorld, shop: Project) -> None:
    world.hook = "https://elsewhere.example/hooks/other"
    check = seen(world, shop)["gitlab acme/web/shop webhook"]
    assert check.state is Health.WARNING
    assert "/hooks/gitlab" in check.why


@pytest.mark.parametrize(("failures", "says"), [(4, "does not call it until 20"), (40, "switched it off")])
def test_a_webhook_that_gitlab_calls_no_more_is_a_warning_with_the_way_back(
    world: GitLabWorld, shop: Project, failures: int, says: str
) -> None:
    for _ in range(failures):
        world.deliver_in_vain()
    check = seen(world, shop)["gitlab acme/web/shop webhook"]
    assert check.state is Health.WARNING
    assert says in check.why
    assert "matinee doctor --mend" in check.advice
    assert not [asked for asked in world.requests if not asked.startswith("GET ")]


def test_a_webhook_that_does_not_tell_of_comments_is_a_warning(world: GitLabWorld, shop: Project) -> None:
    world.triggers.remove("note_events")
    check = seen(world, shop)["gitlab acme/web/shop webhook"]
    assert check.state is Health.WARNING
    assert "does not tell of comments" in check.why


@contextmanager
def answered(world: GitLabWorld, shop: Project, failures: int) -> Iterator[list[str]]:
    """A bot that takes deliveries again, after GitLab has given up on it; what it was told is in the list."""
    taken: list[str] = []

    def bot(environ: dict[str, Any], start: Any) -> list[bytes]:
        right = environ.get("HTTP_X_GITLAB_TOKEN") == world.settings["gitlab_webhook_secret"]
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        named = {"content-type": "application/json", "x-gitlab-event": environ["HTTP_X_GITLAB_EVENT"]}
        told = gitlab.create({}).read(Delivery(headers=tuple(named.items()), body=body))
        taken.append(told.why if isinstance(told, Ignored) else type(told).__name__)
        start("200 OK" if right else "401 Unauthorized", [("Content-Type", "application/json")])
        return [b"{}"]

    world.hook = None
    shop.open_pull()
    for _ in range(failures):
        world.deliver_in_vain()
    with served(bot) as url:
        world.hook = f"{url}/hooks/gitlab"
        yield taken


@pytest.mark.parametrize("failures", [4, 40])
@pytest.mark.parametrize("group", ["", "acme/web", "acme"])
def test_a_webhook_that_gitlab_has_given_up_is_called_again_once_a_test_was_answered(
    world: GitLabWorld, shop: Project, failures: int, group: str
) -> None:
    world.group = group
    with answered(world, shop, failures) as taken:
        check = seen(world, shop, mend=True)["gitlab acme/web/shop webhook"]
        assert check.state is Health.OK
        assert "a test was answered rightly" in check.why
        assert taken == ["a test of the webhook: it works"]
        assert world.alert_status == "executable"
        check = seen(world, shop, mend=True)["gitlab acme/web/shop webhook"]
        assert check.why == "it leads here and tells what is needed"
        assert len(taken) == 1


def test_a_webhook_whose_test_is_answered_wrongly_stays_so_and_the_reason_is_said(
    world: GitLabWorld, shop: Project
) -> None:
    with answered(world, shop, 4):
        world.hooks._token = "another"
        check = seen(world, shop, mend=True)["gitlab acme/web/shop webhook"]
    assert check.state is Health.WARNING
    assert "a test went wrong" in check.why
    assert "same secret" in check.advice
    assert world.alert_status == "temporarily_disabled"


@pytest.mark.parametrize(
    ("status", "says"),
    [(404, "too old"), (403, "the role Maintainer"), (429, "no more tests before"), (422, "went wrong")],
)
def test_where_no_test_can_be_sent_it_is_said_what_to_do(
    world: GitLabWorld, shop: Project, status: int, says: str
) -> None:
    with answered(world, shop, 40):
        world.fail_next("POST", "/test/", status=status)
        check = seen(world, shop, mend=True)["gitlab acme/web/shop webhook"]
    assert check.state is Health.WARNING
    assert says in check.why
    assert check.advice
    assert world.alert_status == "disabled"


def test_environments_that_are_switched_off_are_a_warning(world: GitLabWorld, shop: Project) -> None:
    shop.deployed.off = True
    check = seen(world, shop)["gitlab acme/web/shop environments"]
    assert check.state is Health.WARNING
    assert "switch Environments on" in check.advice


@pytest.mark.parametrize(("protected", "state"), [(["review/"], Health.WARNING), ([], Health.OK)])
def test_environments_to_which_the_token_may_not_deploy_are_a_warning(
    world: GitLabWorld, shop: Project, protected: list[str], state: Health
) -> None:
    shop.alter(world.bot, level=30)
    shop.deployed.protected = protected
    pull = shop.open_pull()
    forge = gitlab.create(world.settings)
    forge.tell(forge.pull(pull.key), report(pull))
    check = seen(world, shop)["gitlab acme/web/shop environments"]
    assert check.state is state
    assert (f"review/{pull.key.environment}" in check.why) == (state is Health.WARNING)
