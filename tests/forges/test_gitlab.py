import base64
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot.core.errors import Gone, Limited, MatineeError, Misused, Unavailable
from bot.core.events import ActorId, Pull, PullKey, Remark, RemarkKind, Sign
from bot.core.permission import Permission
from bot.core.report import State
from bot.forges import gitlab
from bot.forges.gitlab import GitLab
from tests.forges.gitlab_fixtures import report
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_merge_request import MergeRequest
from tests.world.gitlab_project import Project
from tests.world.served import served


@pytest.fixture
def world() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        yield world


@pytest.fixture
def shop(world: GitLabWorld) -> Project:
    return world.repository("acme/web/shop", {"README.md": "shop"}, ana="write")


@pytest.fixture
def forge(world: GitLabWorld) -> GitLab:
    return gitlab.create(world.settings)


@pytest.fixture
def pull(shop: Project) -> MergeRequest:
    return shop.open_pull()


def actor(world: GitLabWorld, login: str) -> ActorId:
    return ActorId(str(world.person(login)))


def test_verifying_and_reading_import_no_sdk() -> None:
    code = (
        "import sys; from bot.core.events import Delivery; from bot.forges import gitlab;"
        "forge = gitlab.create({}); d = Delivery(headers=(), body=b''); forge.verify(d); forge.read(d);"
        "sys.exit('gitlab' in sys.modules or 'requests' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_pull_is_found_by_its_projects_number_after_a_move_to_another_group(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    shop.rename("acme-inc/store")
    pull.label("preview")
    pull.back_to_draft()
    assert forge.pull(pull.key) == Pull(
        key=pull.key,
        repository="acme-inc/store",
        branch="feature",
        head=pull.head,
        base="main",
        author="ana",
        open=True,
        fork=False,
        draft=True,
        author_id=actor(world, "ana"),
        labels=frozenset({"preview"}),
    )


def test_a_head_in_another_project_or_in_none_is_a_fork(shop: Project, forge: GitLab) -> None:
    pull = shop.open_pull(author="eve", from_fork=True)
    assert forge.pull(pull.key).fork
    pull.source = None
    assert forge.pull(pull.key).fork


@pytest.mark.parametrize("merged", [True, False])
def test_a_pull_that_was_closed_or_merged_is_not_open(forge: GitLab, pull: MergeRequest, merged: bool) -> None:
    pull.close(merged=merged)
    assert not forge.pull(pull.key).open


@pytest.mark.parametrize("repository", ["4", "abc", "9" * 30])
def test_a_project_that_is_not_there_is_gone(forge: GitLab, repository: str) -> None:
    with pytest.raises(Gone):
        forge.pull(PullKey(forge="gitlab", repository=repository, number=1))
    with pytest.raises(Gone):
        list(forge.open_pulls(repository))


def test_every_open_pull_is_found_whatever_the_number_of_pages(shop: Project, forge: GitLab) -> None:
    first = shop.open_pull(branch="branch-1")
    for number in range(2, 103):
        shop.pulls[number] = replace(first, number=number, branch=f"branch-{number}")
    shop.pulls[7].state = "closed"
    found = list(forge.open_pulls(str(shop.id)))
    assert {pull.key.number for pull in found} == set(range(1, 103)) - {7}
    assert all(pull.open and pull.repository == "acme/web/shop" for pull in found)


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        ("guest", Permission.READ),
        ("triage", Permission.TRIAGE),
        ("write", Permission.WRITE),
        ("maintain", Permission.MAINTAIN),
        ("admin", Permission.ADMIN),
    ],
)
def test_a_role_is_a_permission(world: GitLabWorld, forge: GitLab, role: str, permission: Permission) -> None:
    pull = world.repository("acme/site", ben=role).open_pull()
    assert forge.permission(pull.key, actor(world, "ben"), "ben") is permission


@pytest.mark.parametrize(
    ("level", "permission"), [(0, "none"), (5, "none"), (15, "read"), (25, "triage"), (60, "admin")]
)
def test_a_level_between_two_roles_is_the_lower_one(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest, level: int, permission: str
) -> None:
    shop.alter("ana", level=level)
    assert str(forge.permission(pull.key, actor(world, "ana"), "ana")) == permission


@pytest.mark.parametrize(
    ("least", "permission"), [("developer", "write"), ("maintainer", "triage"), ("Owner", "triage")]
)
def test_the_operator_may_ask_for_more_than_a_developer(
    world: GitLabWorld, pull: MergeRequest, least: str, permission: str
) -> None:
    forge = gitlab.create({**world.settings, "gitlab_role": least})
    assert str(forge.permission(pull.key, actor(world, "ana"), "ana")) == permission


def test_a_role_that_is_none_is_refused_with_those_that_there_are(world: GitLabWorld) -> None:
    with pytest.raises(Misused, match="'guest' is none of developer, maintainer, owner"):
        gitlab.create({**world.settings, "gitlab_role": "guest"})


def day(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"state": "blocked"}, id="blocked"),
        pytest.param({"state": "deactivated"}, id="deactivated"),
        pytest.param({"membership_state": "awaiting"}, id="awaiting"),
        pytest.param({"expires_at": day(-1)}, id="expired"),
        pytest.param({"expires_at": day(0)}, id="expiring today"),
        pytest.param({"expires_at": "some day"}, id="expiring nobody knows when"),
    ],
)
def test_whoever_is_no_member_any_more_or_not_yet_may_do_nothing(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest, changes: dict[str, Any]
) -> None:
    assert forge.permission(pull.key, actor(world, "ana"), "ana") is Permission.WRITE
    shop.alter("ana", **changes)
    assert forge.permission(pull.key, actor(world, "ana"), "ana") is Permission.NONE


def test_a_membership_that_ends_later_counts(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    shop.alter("ana", expires_at=day(2))
    assert forge.permission(pull.key, actor(world, "ana"), "ana") is Permission.WRITE


@pytest.mark.parametrize("who", ["", "ana", "1/../..", "٣", "-1", "4242424242"])
def test_whoever_is_unknown_may_do_nothing(forge: GitLab, pull: MergeRequest, who: str) -> None:
    assert forge.permission(pull.key, ActorId(who), "ana") is Permission.NONE


def test_who_may_do_what_is_not_guessed_while_gitlab_is_away(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest
) -> None:
    with world.outage(), pytest.raises(Unavailable):
        forge.permission(pull.key, actor(world, "ana"), "ana")


def test_base_and_merge_base_are_commits(shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    before = shop.head
    known = forge.pull(pull.key)
    assert (forge.base(known), forge.merge_base(known)) == (before, before)
    shop.change({"README.md": "newer"})
    assert (forge.base(known), forge.merge_base(known)) == (shop.head, before)
    assert shop.head != before


def test_a_branch_may_have_any_name(shop: Project, forge: GitLab) -> None:
    pull = shop.open_pull(branch="feature/a#b&c=%2e+d")
    known = forge.pull(pull.key)
    assert forge.base(replace(known, base=known.branch)) == pull.head
    assert forge.merge_base(replace(known, base=known.branch)) == pull.head


def test_a_server_error_is_ridden_out_where_asking_again_is_harmless(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest
) -> None:
    world.fail_next("GET", "/merge_requests/", status=502)
    assert forge.pull(pull.key).head == pull.head


def test_an_outage_is_said_to_be_one(world: GitLabWorld, forge: GitLab, pull: MergeRequest) -> None:
    with world.outage(), pytest.raises(Unavailable, match="check MATINEE_GITLAB_URL"):
        forge.pull(pull.key)
    assert forge.pull(pull.key).open


@pytest.mark.parametrize(
    ("status", "headers", "message", "said"),
    [
        (500, {}, "", "answered 500"),
        (401, {}, "401 Unauthorized", "set MATINEE_GITLAB_TOKEN"),
        (403, {}, "insufficient_scope", "the scope read_api or api"),
        (429, {}, "Retry later", "rate limit.*try again at"),
        (503, {"Retry-After": "3600"}, "", "answered 503"),
        (418, {}, "I am a\nteapot", "answered 418.*I am a teapot"),
        (302, {"Location": "http://127.0.0.1:9/elsewhere"}, "", "does not answer as it should"),
    ],
)
def test_a_refusal_says_what_to_do(
    world: GitLabWorld,
    forge: GitLab,
    pull: MergeRequest,
    status: int,
    headers: dict[str, str],
    message: str,
    said: str,
) -> None:
    world.fail_next(status=status, headers=headers, message=message, times=3)
    with pytest.raises(Unavailable, match=said) as refusal:
        forge.pull(pull.key)
    assert world.token not in str(refusal.value)


def test_the_token_is_not_carried_to_where_a_redirect_leads(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest
) -> None:
    asked: list[str] = []

    def elsewhere(environ: dict[str, Any], start: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]

    with served(elsewhere) as url:
        world.fail_next(status=302, headers={"Location": f"{url}/api/v4/user"}, times=3)
        with pytest.raises(Unavailable):
            forge.pull(pull.key)
    assert asked == []


def test_an_answer_that_is_no_merge_request_is_said_to_be_unreadable(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest
) -> None:
    world.fail_next(status=200, message="welcome to our proxy")
    with pytest.raises(Unavailable, match="unreadable"):
        forge.pull(pull.key)


def test_without_a_token_nothing_is_asked(pull: MergeRequest, world: GitLabWorld) -> None:
    forge = gitlab.create({**world.settings, "gitlab_token": ""})
    with pytest.raises(Misused, match="MATINEE_GITLAB_TOKEN"):
        forge.pull(pull.key)
    assert world.requests == []


@pytest.mark.parametrize("token", ["glpat x", "'glpat-x'\n.", "glpät-x"])
def test_a_token_with_characters_that_no_token_has_is_refused_at_once(token: str) -> None:
    with pytest.raises(Misused, match="MATINEE_GITLAB_TOKEN") as refused:
        gitlab.create({"gitlab_token": token})
    assert token not in str(refused.value)


@pytest.mark.parametrize(
    ("base", "clone"),
    [
        ("", "https://gitlab.com/acme/web/shop.git"),
        ("https://gitlab.com/", "https://gitlab.com/acme/web/shop.git"),
        ("https://gitlab.com/api/v4", "https://gitlab.com/acme/web/shop.git"),
        ("https://git.example:8443/gitlab/", "https://git.example:8443/gitlab/acme/web/shop.git"),
        ("http://127.0.0.1:8080/gitlab", "http://127.0.0.1:8080/gitlab/acme/web/shop.git"),
        ("http://[::1]:8080", "http://[::1]:8080/acme/web/shop.git"),
    ],
)
def test_a_project_is_fetched_from_where_the_settings_say(
    forge: GitLab, pull: MergeRequest, base: str, clone: str
) -> None:
    origin = gitlab.create({"gitlab_url": base, "gitlab_token": "glpat-x"}).origin(forge.pull(pull.key))
    assert origin.url == clone
    code = (origin.header or "").removeprefix("Authorization: Basic ")
    assert base64.b64decode(code) == b"oauth2:glpat-x"


@pytest.mark.parametrize(
    "url",
    [
        "git.example",
        "ftp://git.example",
        "https://",
        "https://ana:pw@git.example",
        "https://git.example?x",
        "https://a:0",
    ],
)
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(Misused, match="MATINEE_GITLAB_URL"):
        gitlab.create({"gitlab_url": url})


def test_the_token_is_shown_to_no_network() -> None:
    with pytest.raises(Misused, match="https://"):
        gitlab.create({"gitlab_url": "http://git.example"})


@pytest.mark.parametrize("name", ["../x", "a/b?c", "a/b#", "a/../b", "a/b@evil.example", "á/b", "a", "a//b", ""])
def test_no_name_makes_another_address(forge: GitLab, pull: MergeRequest, name: str) -> None:
    known = forge.pull(pull.key)
    with pytest.raises(ValueError, match="no project"):
        forge.origin(replace(known, repository=name))


@pytest.mark.parametrize("from_fork", [False, True])
def test_git_fetches_the_head_from_the_origin(shop: Project, forge: GitLab, tmp_path: Path, from_fork: bool) -> None:
    pull = shop.open_pull(from_fork=from_fork)
    origin = forge.origin(forge.pull(pull.key))
    subprocess.run(["git", "init", "--bare", "--quiet", tmp_path], check=True)
    fetch = ["git", "-c", f"http.extraHeader={origin.header}", "fetch", "--quiet", "--depth=1", origin.url, pull.head]
    assert subprocess.run(fetch, cwd=tmp_path, check=False).returncode == 0


def test_a_gitlab_below_a_path_is_one_like_any_other(tmp_path: Path) -> None:
    with GitLabWorld(below="/tools/gitlab") as world:
        pull = world.repository("acme/shop").open_pull()
        forge = gitlab.create(world.settings)
        known = forge.pull(pull.key)
        forge.tell(known, report(pull))
        assert pull.comment.says("running")
        origin = forge.origin(known)
        assert origin.url == f"{world.base}/acme/shop.git"
        subprocess.run(["git", "init", "--bare", "--quiet", tmp_path], check=True)
        fetch = ["git", "-c", f"http.extraHeader={origin.header}", "fetch", "--quiet", origin.url, pull.head]
        assert subprocess.run(fetch, cwd=tmp_path, check=False).returncode == 0


def test_the_rate_limit_is_told_by_whoever_called_not_slept_out(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest
) -> None:
    known = forge.pull(pull.key)
    world.fail_next(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(Limited, match="UTC"):
        forge.tell(known, report(pull))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "47"}, 47),
        ({"Retry-After": "9" * 9}, 3600),
        ({"Retry-After": "²"}, 60),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 60),
        ({"RateLimit-Reset": "1767225600"}, 1),
        ({"RateLimit-Reset": "x"}, 60),
        ({}, 60),
    ],
)
def test_who_asked_too_much_asks_again_when_gitlab_says(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest, headers: dict[str, str], seconds: int
) -> None:
    world.fail_next(status=429, headers=headers)
    before = datetime.now(UTC)
    with pytest.raises(Limited) as limited:
        forge.pull(pull.key)
    assert before + timedelta(seconds=seconds) <= limited.value.until <= datetime.now(UTC) + timedelta(seconds=seconds)


def remark(pull: MergeRequest, text: str = "/preview deploy") -> Remark:
    return Remark(id=str(pull.say("ana", text).id), kind=RemarkKind.COMMENT)


@pytest.mark.parametrize(("sign", "name"), [(Sign.SEEN, "eyes"), (Sign.DONE, "rocket"), (Sign.CONFUSED, "confused")])
def test_a_remark_is_acknowledged_once_by_an_emoji(forge: GitLab, pull: MergeRequest, sign: Sign, name: str) -> None:
    said = remark(pull)
    for _ in range(3):
        forge.react(pull.key, said, sign)
    assert pull.comments[0].awards == [name]


def test_a_remark_that_is_gone_needs_no_sign(forge: GitLab, pull: MergeRequest) -> None:
    said = remark(pull)
    pull.comments[0].delete()
    forge.react(pull.key, said, Sign.SEEN)
    forge.react(pull.key, replace(said, id="1/../../merge"), Sign.SEEN)
    assert pull.comments == []


def test_a_sign_is_worth_no_failure(world: GitLabWorld, forge: GitLab, pull: MergeRequest) -> None:
    said = remark(pull)
    with world.outage():
        forge.react(pull.key, said, Sign.SEEN)
    assert pull.comments[0].awards == []


def test_a_remark_is_answered_once_however_often_and_by_whomever(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest
) -> None:
    one, other = remark(pull), remark(pull, "/preview help")
    forge.reply(pull.key, one, "Deploying.")
    gitlab.create(world.settings).reply(pull.key, one, "Deployed.")
    forge.reply(pull.key, other, "Help.")
    forge.tell(forge.pull(pull.key), report(pull))
    ours = [note.body for note in pull.comments if note.author == world.bot]
    assert len(ours) == 3
    assert "Deployed." in ours[0]
    assert "Help." in ours[1]


def test_an_answer_whose_own_answer_was_lost_is_given_once(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest
) -> None:
    said = remark(pull)
    world.fail_next("POST", "/notes", status=0, after_effect=True)
    forge.reply(pull.key, said, "Deploying.")
    assert sum(note.author == world.bot for note in pull.comments) == 1


def test_threads_tell_side_by_side(shop: Project, forge: GitLab) -> None:
    pulls = [shop.open_pull(branch=f"feature-{number}") for number in range(4)]
    errors: list[MatineeError] = []

    def tell(pull: MergeRequest) -> None:
        try:
            for state in (State.DEPLOYING, State.RUNNING):
                forge.tell(forge.pull(pull.key), report(pull, state))
        except MatineeError as error:
            errors.append(error)

    threads = [Thread(target=tell, args=(pull,)) for pull in pulls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert all(pull.comment.says("running") for pull in pulls)
