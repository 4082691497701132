import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from github import Auth, BadCredentialsException, Github, GithubException

from tests.world.git_http import credentials
from tests.world.github import GitHubWorld
from tests.world.served import served


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


def client(world: GitHubWorld, token: str) -> Github:
    return Github(base_url=world.settings["github_url"], auth=Auth.Token(token), per_page=100, retry=None)


def test_pygithub_finds_its_way_through_it(world: GitHubWorld) -> None:
    pull = world.repository("acme/shop", ben="write").open_pull()
    repository = client(world, world.token).get_repo("acme/shop")
    found = repository.get_pull(1)
    found.create_issue_comment("hello")
    assert (found.head.sha, found.user.login, found.state) == (pull.head, "ana", "open")
    assert [comment.body for comment in found.get_issue_comments()] == ["hello"]
    assert repository.get_collaborator_permission("ben") == "write"
    assert [other.number for other in repository.get_pulls()] == [1]


def test_pygithub_finds_deployments_and_reactions_in_it(world: GitHubWorld) -> None:
    repository = world.repository("acme/shop")
    pull = repository.open_pull()
    remark = pull.say("ana", "hello")
    found = client(world, world.token).get_repo("acme/shop")
    made = found.create_deployment(pull.head, auto_merge=False, required_contexts=[], environment="preview")
    made.create_status("success", environment_url="https://web.example")
    assert [each.state for each in made.get_statuses()] == ["success"]
    assert [each.sha for each in found.get_deployments(environment="preview")] == [pull.head]
    (reacted,) = [each for each in found.get_pull(1).get_issue_comments() if each.id == remark.id]
    assert [reacted.create_reaction("eyes").id for _ in range(2)] == [repository.reactions[0].id] * 2


def test_only_an_app_writes_check_runs() -> None:
    with GitHubWorld(app=True) as world:
        pull = world.repository("acme/shop").open_pull()
        assert world.app is not None
        auth = Auth.AppAuth(world.app.id, world.app.key).get_installation_auth(world.app.installations[0].id)
        found = Github(base_url=world.settings["github_url"], auth=auth, retry=None).get_repo("acme/shop")
        run = found.create_check_run("matinee", pull.head, status="in_progress")
        run.edit(status="completed", conclusion="success", output={"title": "done", "summary": "all of it"})
        assert (run.status, run.conclusion, run.output.title) == ("completed", "success", "done")
    with GitHubWorld() as world:
        pull = world.repository("acme/shop").open_pull()
        found = client(world, world.token).get_repo("acme/shop")
        with pytest.raises(GithubException, match="authenticate via a GitHub App"):
            found.create_check_run("matinee", pull.head)


def test_a_wrong_token_is_refused(world: GitHubWorld) -> None:
    with pytest.raises(BadCredentialsException):
        client(world, "another").get_user().login  # noqa: B018 - it is asked for when it is read


def test_what_happens_is_delivered_and_can_be_held_back_and_sent_again(world: GitHubWorld) -> None:
    seen: list[tuple[str, str]] = []
    app = Flask(__name__)

    @app.post("/hooks/github")
    def hook() -> tuple[str, int]:
        seen.append((request.get_json()["action"], request.headers["X-GitHub-Delivery"]))
        return "", 202

    with served(app) as base:
        world.hook = f"{base}/hooks/github"
        pull = world.repository("acme/shop").open_pull()
        with world.holding() as held:
            pull.push()
            pull.close()
        for sent in reversed(held):
            sent.redeliver()
        world.deliveries[0].redeliver()
    assert [action for action, _ in seen] == ["opened", "closed", "synchronize", "opened"]
    assert seen[0] == seen[3]
    assert world.deliveries[0].statuses == [202, 202]
    assert pull.comments == []


def test_nobody_listening_is_a_delivery_that_failed(world: GitHubWorld) -> None:
    world.hook = "http://127.0.0.1:1/hooks/github"
    world.repository("acme/shop").open_pull()
    assert world.deliveries[0].status == 0


def test_no_two_deliveries_have_the_same_body(world: GitHubWorld) -> None:
    pull = world.repository("acme/shop").open_pull()
    for _ in range(3):
        pull.close()
        pull.reopen()
    assert len({sent.body for sent in world.deliveries}) == len(world.deliveries) == 7


def test_a_late_commit_is_not_there_for_the_first_fetches(world: GitHubWorld, tmp_path: Path) -> None:
    pull = world.repository("acme/shop").open_pull(late=2)
    subprocess.run(["git", "init", "--bare", "--quiet", tmp_path], check=True)
    header = f"http.extraHeader={credentials(world.token)}"
    fetch = ["git", "-c", header, "fetch", "--quiet", "--depth=1", f"{world.base}/acme/shop.git", pull.head]
    codes = [subprocess.run(fetch, cwd=tmp_path, check=False, capture_output=True).returncode != 0 for _ in range(3)]
    assert codes == [True, True, False]
