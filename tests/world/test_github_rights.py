"""What the fake GitHub lets an App do, asked by PyGithub itself."""

import time
from collections.abc import Iterator

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth, Github, GithubException, GithubIntegration

from tests.world.github import GitHubWorld
from tests.world.github_app import App
from tests.world.github_repository import Repository


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld(app=True) as world:
        yield world


@pytest.fixture
def app(world: GitHubWorld) -> App:
    assert world.app is not None
    return world.app


@pytest.fixture
def shop(world: GitHubWorld) -> Repository:
    return world.repository("acme/shop")


def signed_in(world: GitHubWorld, app: App) -> GithubIntegration:
    return GithubIntegration(
        auth=Auth.AppAuth(app.id, app.key), base_url=world.settings["github_url"], retry=None, per_page=100
    )


def with_token(world: GitHubWorld, token: str) -> Github:
    return Github(auth=Auth.Token(token), base_url=world.settings["github_url"], retry=None)


def refused(doing: object) -> GithubException:
    with pytest.raises(GithubException) as refusal:
        doing()  # type: ignore[operator]
    return refusal.value


def issued(app: App, shop: Repository, **permissions: str) -> str:
    made = app.issue(app.installations[0], {"repository_ids": [shop.id], "permissions": permissions})
    assert not isinstance(made, str), made
    return made.token


def test_pygithub_works_as_an_app(world: GitHubWorld, app: App, shop: Repository) -> None:
    integration = signed_in(world, app)
    assert integration.get_app().slug == "matinee-bot"
    assert [each.id for each in integration.get_installations()] == [app.installations[0].id]
    installation = integration.get_repo_installation("acme", "shop")
    made = integration.get_access_token(installation.id, permissions={"contents": "read"})
    assert made.permissions == {"contents": "read", "metadata": "read"}
    assert with_token(world, made.token).get_repo("acme/shop").id == shop.id


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"iat": 300}, "Issued at"),
        ({"exp": -10}, "Expiration time"),
        ({"exp": 3600}, "too far in the future"),
        ({"iss": "4711"}, "Integration not found"),
    ],
    ids=["from the future", "ended", "good for too long", "of no App"],
)
def test_a_signature_that_is_not_as_documented_is_refused(
    world: GitHubWorld, app: App, claims: dict[str, object], says: str
) -> None:
    now = int(time.time())
    whole = {"iat": -60, "exp": 300, "iss": str(app.id), **claims}
    dated = {name: now + value if isinstance(value, int) else value for name, value in whole.items()}
    signed = jwt.encode(dated, app.key, algorithm="RS256")
    client = Github(auth=Auth.AppAuthToken(signed), base_url=world.settings["github_url"], retry=None)
    assert says in str(refused(lambda: client.requester.requestJsonAndCheck("GET", "/app")))


def test_a_signature_by_another_key_is_refused(world: GitHubWorld, app: App) -> None:
    now = int(time.time())
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signed = jwt.encode({"iat": now, "exp": now + 60, "iss": str(app.id)}, other, algorithm="RS256")
    client = Github(auth=Auth.AppAuthToken(signed), base_url=world.settings["github_url"], retry=None)
    assert refused(lambda: client.requester.requestJsonAndCheck("GET", "/app")).status == 401


def test_a_token_ends_when_the_worlds_clock_says_so(world: GitHubWorld, app: App, shop: Repository) -> None:
    client = with_token(world, issued(app, shop, contents="read"))
    assert client.get_repo("acme/shop").id == shop.id
    world.ahead = 3599
    assert client.get_repo("acme/shop").id == shop.id
    world.ahead = 3601
    assert refused(lambda: client.get_repo("acme/shop")).status == 401


def test_a_call_beyond_a_tokens_permissions_is_refused_with_those_that_it_takes(
    world: GitHubWorld, app: App, shop: Repository
) -> None:
    pull = shop.open_pull()
    client = with_token(world, issued(app, shop, pull_requests="read"))
    found = client.get_repo("acme/shop").get_pull(1)
    refusal = refused(lambda: found.create_issue_comment("hello"))
    assert refusal.status == 403
    assert "Resource not accessible by integration" in str(refusal)
    assert (refusal.headers or {})["x-accepted-github-permissions"] == "issues=write; pull_requests=write"
    assert pull.comments == []


def test_a_token_opens_its_own_repository_only(world: GitHubWorld, app: App, shop: Repository) -> None:
    world.repository("acme/other")
    client = with_token(world, issued(app, shop, contents="read"))
    assert refused(lambda: client.get_repo("acme/other")).status == 404


def test_no_token_has_more_than_its_installation(app: App, shop: Repository) -> None:
    installation = app.installations[0]
    assert "not granted" in str(app.issue(installation, {"permissions": {"administration": "write"}}))
    assert "not accessible" in str(app.issue(installation, {"repository_ids": [shop.id + 1]}))


def test_the_tokens_of_a_suspended_or_removed_installation_open_nothing(
    world: GitHubWorld, app: App, shop: Repository
) -> None:
    client = with_token(world, issued(app, shop, contents="read"))
    app.installations[0].suspend()
    assert "suspended" in str(refused(lambda: client.get_repo("acme/shop")))
    app.installations[0].remove()
    assert refused(lambda: client.get_repo("acme/shop")).status == 401
    assert [sent.action for sent in world.deliveries if sent.event == "installation"] == ["suspend", "deleted"]


def test_a_repository_that_is_taken_out_of_an_installation_is_told_and_shut(
    world: GitHubWorld, app: App, shop: Repository
) -> None:
    client = with_token(world, issued(app, shop, contents="read"))
    app.installations[0].drop(shop)
    assert refused(lambda: client.get_repo("acme/shop")).status == 404
    (sent,) = world.deliveries
    assert (sent.event, sent.action) == ("installation_repositories", "removed")


def test_what_happens_is_told_with_the_installation(world: GitHubWorld, app: App, shop: Repository) -> None:
    shop.open_pull()
    (delivery,) = signed_in(world, app).requester.requestJsonAndCheck("GET", "/app/hook/deliveries")[1]
    assert delivery["installation_id"] == app.installations[0].id
    assert delivery["repository_id"] == shop.id


def test_deliveries_are_listed_a_page_at_a_time_with_what_was_sent(
    world: GitHubWorld, app: App, shop: Repository
) -> None:
    pull = shop.open_pull()
    pull.close()
    pull.reopen()
    asked = signed_in(world, app).requester.requestJsonAndCheck
    headers, page = asked("GET", "/app/hook/deliveries", {"per_page": 2})
    assert [each["action"] for each in page] == ["reopened", "closed"]
    cursor = headers["link"].partition("cursor=")[2].partition(">")[0]
    _, rest = asked("GET", "/app/hook/deliveries", {"per_page": 2, "cursor": cursor})
    assert [each["action"] for each in rest] == ["opened"]
    _, one = asked("GET", f"/app/hook/deliveries/{rest[0]['id']}")
    assert one["request"]["payload"]["pull_request"]["number"] == 1
    assert one["guid"] == one["request"]["headers"]["X-GitHub-Delivery"]


def test_every_attempt_of_a_delivery_is_listed(world: GitHubWorld, app: App, shop: Repository) -> None:
    shop.open_pull()
    world.deliveries[0].statuses.extend([0, 202])
    _, listed = signed_in(world, app).requester.requestJsonAndCheck("GET", "/app/hook/deliveries")
    assert [(each["status_code"], each["redelivery"]) for each in listed] == [(202, True), (0, False)]
    assert len({each["id"] for each in listed}) == 2
    assert len({each["guid"] for each in listed}) == 1
