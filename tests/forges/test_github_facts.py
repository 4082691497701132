from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.core.errors import Gone, Unavailable
from bot.core.events import NOBODY, ActorId
from bot.core.permission import Permission
from bot.forges import github
from bot.forges.github import GitHub
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull, Repository


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def shop(world: GitHubWorld) -> Repository:
    return world.repository("acme/shop", {"README.md": "shop"})


@pytest.fixture
def forge(world: GitHubWorld) -> GitHub:
    return github.create(world.settings)


@pytest.fixture
def pull(shop: Repository) -> Pull:
    return shop.open_pull()


def may(forge: GitHub, pull: Pull, login: str) -> Permission:
    world = pull.repository.world
    return forge.permission(pull.key, ActorId(str(world.person(login))), login)


@pytest.mark.parametrize("role", ["read", "triage", "write", "maintain", "admin", "none"])
def test_what_an_account_may_do_is_its_role(forge: GitHub, shop: Repository, pull: Pull, role: str) -> None:
    shop.permissions["ben"] = role
    assert may(forge, pull, "ben") is Permission[role.upper()]


def test_whoever_was_given_nothing_may_read_what_all_may(forge: GitHub, pull: Pull) -> None:
    assert may(forge, pull, "eve") is Permission.READ


@pytest.mark.parametrize(
    ("role", "based_on", "granted"),
    [
        ("reviewer", "read", Permission.READ),
        ("releaser", "write", Permission.WRITE),
        ("owner", "admin", Permission.ADMIN),
        ("unheard of", "supreme", Permission.NONE),
        ("admin", "read", Permission.TRIAGE),
        ("maintain", "read", Permission.TRIAGE),
        ("admin", "write", Permission.MAINTAIN),
    ],
)
def test_a_role_of_the_organisations_own_gives_what_it_is_based_on_whatever_it_is_called(
    forge: GitHub, shop: Repository, pull: Pull, role: str, based_on: str, granted: Permission
) -> None:
    shop.roles[role] = based_on
    shop.permissions["ben"] = role
    assert may(forge, pull, "ben") is granted


def test_a_renamed_account_may_do_what_it_could_before(
    world: GitHubWorld, forge: GitHub, shop: Repository, pull: Pull
) -> None:
    shop.permissions["ben"] = "write"
    number = ActorId(str(world.person("ben")))
    world.rename("ben", "benjamin")
    assert forge.permission(pull.key, number, "ben") is Permission.WRITE


def test_whoever_takes_the_name_of_an_account_has_nothing_of_its_rights(
    world: GitHubWorld, forge: GitHub, shop: Repository, pull: Pull
) -> None:
    shop.permissions["ben"] = "write"
    number = world.person("ben")
    world.rename("ben", "benjamin")
    assert world.person("ben") != number
    assert may(forge, pull, "ben") is Permission.READ


class Swapping(GitHubWorld):
    """Accounts change their names between two questions."""

    def login(self, number: int) -> str | None:
        return "ben"


def test_an_answer_about_another_account_gives_nothing() -> None:
    with Swapping() as world:
        pull = world.repository("acme/shop", ben="write", eve="read").open_pull()
        forge = github.create(world.settings)
        assert may(forge, pull, "ben") is Permission.WRITE
        assert may(forge, pull, "eve") is Permission.NONE


@pytest.mark.parametrize("number", [NOBODY, ActorId("0x1"), ActorId("-1"), ActorId("9000/../9001"), ActorId("٣")])
def test_what_is_no_number_of_an_account_may_do_nothing_and_is_not_asked_for(
    world: GitHubWorld, forge: GitHub, pull: Pull, number: ActorId
) -> None:
    before = len(world.requests)
    assert forge.permission(pull.key, number, "ana") is Permission.NONE
    assert len(world.requests) == before


def test_an_account_that_there_is_not_may_do_nothing(forge: GitHub, pull: Pull) -> None:
    assert forge.permission(pull.key, ActorId("424242"), "ana") is Permission.NONE


def test_an_account_that_the_repository_does_not_know_may_do_nothing(
    world: GitHubWorld, forge: GitHub, pull: Pull
) -> None:
    world.fail_next("GET", "/permission", status=404, message="Not Found")
    assert may(forge, pull, "ana") is Permission.NONE


@pytest.mark.parametrize("part", ["/user/", "/permission"])
@pytest.mark.parametrize("status", [0, 401, 403, 422, 429, 500, 502, 503])
def test_a_github_that_does_not_say_is_no_answer(
    world: GitHubWorld, forge: GitHub, pull: Pull, status: int, part: str
) -> None:
    world.fail_next("GET", part, status=status, times=8)
    with pytest.raises(Unavailable):
        may(forge, pull, "ana")


def test_the_base_is_the_newest_commit_of_the_pulls_base_branch(forge: GitHub, shop: Repository, pull: Pull) -> None:
    assert forge.base(forge.pull(pull.key)) == shop.head
    newer = shop.change({"README.md": "newer"})
    assert forge.base(forge.pull(pull.key)) == newer


def test_a_base_branch_may_have_slashes_and_signs(forge: GitHub, shop: Repository, pull: Pull) -> None:
    shop.bare.point("refs/heads/release/1.0+a#b", shop.head)
    assert forge.base(replace(forge.pull(pull.key), base="release/1.0+a#b")) == shop.head


def test_a_base_branch_that_there_is_not_is_gone(forge: GitHub, pull: Pull) -> None:
    with pytest.raises(Gone):
        forge.base(replace(forge.pull(pull.key), base="nowhere"))


def test_the_merge_base_is_where_the_branch_went_its_own_way(forge: GitHub, shop: Repository, pull: Pull) -> None:
    before = shop.head
    shop.change({"README.md": "newer"})
    pull.push()
    assert forge.merge_base(forge.pull(pull.key)) == before
