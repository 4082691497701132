import base64
import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from bot.core.errors import Gone, MatineeError, Misused, Unavailable
from bot.core.events import ActorId, Pull, PullKey
from bot.core.names import Sha, Url
from bot.core.report import Report, State
from bot.core.telling.comment import comment
from bot.forges import github
from bot.forges.github import GitHub
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull as Pulled
from tests.world.github_repository import Repository


def report(pull: Pulled, state: State = State.RUNNING, *, sha: Sha | None = None, why: str = "") -> Report:
    return Report(
        key=pull.key,
        repository=pull.repository.full_name,
        generation=1,
        state=state,
        sha=sha or pull.head,
        why=why,
    )


def test_verifying_and_reading_import_no_sdk() -> None:
    code = (
        "import sys; from bot.core.events import Delivery; from bot.forges import github;"
        "forge = github.create({}); d = Delivery(headers=(), body=b''); forge.verify(d); forge.read(d);"
        "sys.exit('github' in sys.modules or 'requests' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_pull_is_found_by_its_repositorys_number_after_a_rename(
    shop: Repository, forge: GitHub, pull: Pulled
) -> None:
    shop.rename("acme-inc/store")
    assert forge.pull(pull.key) == Pull(
        key=pull.key,
        repository="acme-inc/store",
        branch="feature",
        head=pull.head,
        base="main",
        author="ana",
        open=True,
        fork=False,
        author_id=ActorId("9000"),
    )


def test_a_head_in_another_repository_or_in_none_is_a_fork(shop: Repository, forge: GitHub) -> None:
    pull = shop.open_pull(author="eve", from_fork=True)
    assert forge.pull(pull.key).fork
    pull.fork = ""
    assert forge.pull(pull.key).fork


@pytest.mark.parametrize("merged", [True, False])
def test_a_pull_that_was_closed_or_merged_is_not_open(forge: GitHub, pull: Pulled, merged: bool) -> None:
    pull.close(merged=merged)
    assert not forge.pull(pull.key).open


@pytest.mark.parametrize("repository", ["4", "abc", "9" * 30])
def test_a_repository_that_is_not_there_is_gone(forge: GitHub, repository: str) -> None:
    with pytest.raises(Gone):
        forge.pull(PullKey(forge="github", repository=repository, number=1))


def test_a_server_error_is_ridden_out_where_asking_again_is_harmless(
    world: GitHubWorld, forge: GitHub, pull: Pulled
) -> None:
    world.fail_next("GET", "/pulls/", status=502)
    assert forge.pull(pull.key).head == pull.head


def test_an_outage_is_said_to_be_one(world: GitHubWorld, forge: GitHub, pull: Pulled) -> None:
    with world.outage(), pytest.raises(Unavailable, match="check MATINEE_GITHUB_URL"):
        forge.pull(pull.key)
    assert forge.pull(pull.key).open


@pytest.mark.parametrize(
    ("status", "headers", "message", "said"),
    [
        (500, {}, "", "answered 500"),
        (401, {}, "Bad credentials", "set MATINEE_GITHUB_TOKEN"),
        (403, {}, "Resource not accessible by personal access token", "permission pull-requests: read"),
        (403, {"X-Accepted-GitHub-Permissions": "pull_requests=read"}, "", "permission pull_requests=read"),
        (403, {"Retry-After": "47"}, "You have exceeded a secondary rate limit.", "try again in 47 seconds"),
        (429, {"Retry-After": "5"}, "", "try again in 5 seconds"),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767225600"}, "", "try again at 00:00:00 UTC"),
        (403, {}, "API rate limit exceeded for user ID 1.", "try again in 60 seconds"),
        (418, {}, "I am a\nteapot", "answered 418.*I am a teapot"),
    ],
)
def test_a_refusal_says_what_to_do(
    world: GitHubWorld, forge: GitHub, pull: Pulled, status: int, headers: dict[str, str], message: str, said: str
) -> None:
    world.fail_next(status=status, headers=headers, message=message, times=3)
    with pytest.raises(Unavailable, match=said) as refusal:
        forge.pull(pull.key)
    assert world.token not in str(refusal.value)


def test_an_answer_that_is_no_pull_is_said_to_be_unreadable(world: GitHubWorld, forge: GitHub, pull: Pulled) -> None:
    world.fail_next(status=200, message="welcome to our proxy")
    with pytest.raises(Unavailable, match="unreadable"):
        forge.pull(pull.key)


def test_without_a_token_nothing_is_asked(pull: Pulled, world: GitHubWorld) -> None:
    forge = github.create({**world.settings, "github_token": ""})
    with pytest.raises(Misused, match="MATINEE_GITHUB_TOKEN"):
        forge.pull(pull.key)
    assert world.requests == []


@pytest.mark.parametrize(
    ("api", "clone"),
    [
        ("", "https://github.com/acme/shop.git"),
        ("https://api.github.com/", "https://github.com/acme/shop.git"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com/acme/shop.git"),
        ("https://git.example/api/v3/", "https://git.example/acme/shop.git"),
        ("https://git.example:8443/github/api/v3", "https://git.example:8443/github/acme/shop.git"),
        ("http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080/acme/shop.git"),
        ("http://[::1]:8080/api/v3", "http://[::1]:8080/acme/shop.git"),
    ],
)
def test_a_repository_is_fetched_from_where_the_settings_say(forge: GitHub, pull: Pulled, api: str, clone: str) -> None:
    origin = github.create({"github_url": api, "github_token": "ghp_x"}).origin(forge.pull(pull.key))
    assert origin.url == clone
    code = (origin.header or "").removeprefix("Authorization: Basic ")
    assert base64.b64decode(code) == b"x-access-token:ghp_x"


@pytest.mark.parametrize("name", ["../x", "a/b?c", "a/b#", "a/../b", "a/b@evil.example", "á/b", ""])
def test_no_name_makes_another_address(forge: GitHub, pull: Pulled, name: str) -> None:
    known = forge.pull(pull.key)
    with pytest.raises(ValueError, match="no repository"):
        forge.origin(replace(known, repository=name))


def test_git_fetches_the_head_from_the_origin(forge: GitHub, pull: Pulled, tmp_path: Path) -> None:
    origin = forge.origin(forge.pull(pull.key))
    subprocess.run(["git", "init", "--bare", "--quiet", tmp_path], check=True)
    fetch = ["git", "-c", f"http.extraHeader={origin.header}", "fetch", "--quiet", "--depth=1", origin.url, pull.head]
    assert subprocess.run(fetch, cwd=tmp_path, check=False).returncode == 0


def test_a_report_is_a_comment_and_a_status(forge: GitHub, pull: Pulled) -> None:
    told = replace(report(pull), urls=(("web", Url("https://web.example")),))
    forge.tell(forge.pull(pull.key), told)
    assert pull.comment.body == comment(told)
    assert pull.status is not None
    assert (pull.status.state, pull.status.context, pull.status.sha) == ("success", "matinee", pull.head)


def test_a_commit_that_takes_no_status_hides_no_comment(
    world: GitHubWorld, forge: GitHub, pull: Pulled, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    unknown = Sha("f" * 40)
    forge.tell(forge.pull(pull.key), report(pull, sha=unknown))
    assert pull.comment.says("running")
    assert pull.statuses == []
    assert unknown in caplog.text
    world.fail_next("POST", "/statuses", status=404)
    forge.tell(forge.pull(pull.key), report(pull, State.FAILED))
    assert pull.comment.says("failed")


def test_a_token_that_may_write_no_status_is_said_after_the_comment(
    world: GitHubWorld, forge: GitHub, pull: Pulled
) -> None:
    world.fail_next("POST", "/statuses", status=403)
    with pytest.raises(Unavailable, match="`statuses: write`"):
        forge.tell(forge.pull(pull.key), report(pull))
    assert pull.comment.says("running")


def test_the_rate_limit_is_told_by_whoever_called_not_slept_out(
    world: GitHubWorld, forge: GitHub, pull: Pulled
) -> None:
    known = forge.pull(pull.key)
    world.limit_next(retry_after=3600)
    with pytest.raises(Unavailable, match="3600 seconds"):
        forge.tell(known, report(pull))


def test_threads_tell_side_by_side(shop: Repository, forge: GitHub) -> None:
    pulls = [shop.open_pull(branch=f"feature-{number}") for number in range(4)]
    errors: list[MatineeError] = []

    def tell(pull: Pulled) -> None:
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
