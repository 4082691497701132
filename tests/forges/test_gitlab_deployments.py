"""What GitLab lists as deployed where, from a merge request's first commit to the end of its preview."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.errors import Limited, Unavailable
from bot.core.names import Sha, Url
from bot.core.report import State
from bot.forges import gitlab
from bot.forges.gitlab import GitLab
from tests.forges.gitlab_fixtures import report
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_environments import Environment, deploy
from tests.world.gitlab_merge_request import MergeRequest
from tests.world.gitlab_project import Project

URL = "https://web.example"
OVER = [State.STOPPED, State.ASLEEP, State.STOP_FAILED, State.DELETE_FAILED]


@pytest.fixture
def world() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        yield world


@pytest.fixture
def shop(world: GitLabWorld) -> Project:
    project = world.repository("acme/shop")
    project.alter(world.bot, level=30)
    return project


@pytest.fixture
def forge(world: GitLabWorld) -> GitLab:
    return gitlab.create(world.settings)


@pytest.fixture
def pull(shop: Project) -> MergeRequest:
    return shop.open_pull()


def tell(forge: GitLab, pull: MergeRequest, state: State = State.RUNNING, **more: Any) -> None:
    forge.tell(forge.pull(pull.key), replace(report(pull, state), **more))


def runs(forge: GitLab, pull: MergeRequest, generation: int = 1, url: str = URL) -> None:
    tell(forge, pull, State.DEPLOYING, generation=generation)
    tell(forge, pull, generation=generation, serving=pull.head, urls=(("web", Url(url)),))


def statuses(shop: Project) -> list[str]:
    return [each.status for each in shop.deployed.deployments]


def place(shop: Project) -> Environment:
    (environment,) = shop.deployed.environments
    return environment


def writes(world: GitLabWorld) -> list[str]:
    parts = ("/deployments", "/environments")
    return [each for each in world.requests if not each.startswith("GET") and any(part in each for part in parts)]


def test_a_deploy_is_a_deployment_of_the_very_commit_in_an_environment_for_review(
    shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    runs(forge, pull)
    (deployment,) = shop.deployed.deployments
    assert (deployment.sha, deployment.ref, deployment.history) == (pull.head, "feature", ["running", "success"])
    assert place(shop).name == f"review/{pull.key.environment}"
    assert (place(shop).state, place(shop).external_url) == ("available", URL)


def test_what_is_shown_is_not_shown_again(world: GitLabWorld, forge: GitLab, pull: MergeRequest) -> None:
    runs(forge, pull)
    before = writes(world)
    tell(forge, pull, generation=2, serving=pull.head, urls=(("web", Url(URL)),))
    tell(gitlab.create(world.settings), pull, serving=pull.head, urls=(("web", Url(URL)),))
    assert writes(world) == before


def test_a_push_is_another_deployment_and_the_one_before_stays_the_current_one_until_it_is_up(
    shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    runs(forge, pull)
    first = pull.head
    pull.push()
    tell(forge, pull, State.DEPLOYING, generation=2, serving=first)
    assert statuses(shop) == ["success", "running"]
    assert pull.deployed == (first, URL)
    runs(forge, pull, generation=2, url="https://other.example")
    assert pull.deployed == (pull.head, "https://other.example")


def test_what_goes_on_serving_stays_the_current_one_when_the_newer_commit_fails(
    shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    runs(forge, pull)
    first = pull.head
    pull.push()
    tell(forge, pull, State.DEPLOYING, generation=2, serving=first)
    tell(forge, pull, State.FAILED, generation=2, serving=first)
    assert statuses(shop) == ["success", "failed"]
    assert pull.deployed == (first, URL)


def test_a_commit_that_is_pushed_back_is_the_current_one_again(
    shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    runs(forge, pull)
    pull.push()
    runs(forge, pull, generation=2)
    pull.push_back(pull.shas[0])
    tell(forge, pull, generation=3, serving=pull.head, urls=(("web", Url(URL)),))
    assert statuses(shop) == ["success"] * 3
    assert pull.deployed == (pull.shas[0], URL)


def test_a_commit_that_is_deployed_again_is_a_deployment_of_its_own(
    shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    for generation, ends in enumerate((State.FAILED, State.FAILED, State.RUNNING), start=1):
        tell(forge, pull, State.DEPLOYING, generation=generation)
        tell(forge, pull, ends, generation=generation)
    assert statuses(shop) == ["failed", "failed", "success"]


def test_a_deploy_that_a_push_overtook_is_cancelled(shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    tell(forge, pull, State.DEPLOYING)
    pull.push()
    tell(forge, pull, State.DEPLOYING, generation=2)
    assert statuses(shop) == ["canceled", "running"]


def test_what_serves_though_nobody_said_so_is_no_cancelled_one(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    tell(forge, pull, State.DEPLOYING)
    world.fail_next("PUT", "/deployments/", status=400)
    tell(forge, pull, serving=pull.head)
    first = pull.head
    pull.push()
    tell(forge, pull, State.DEPLOYING, generation=2, serving=first)
    assert statuses(shop) == ["success", "running"]


@pytest.mark.parametrize("state", OVER, ids=str)
def test_what_is_over_is_stopped_and_leads_nowhere(
    shop: Project, forge: GitLab, pull: MergeRequest, state: State
) -> None:
    runs(forge, pull)
    pull.push()
    tell(forge, pull, State.DEPLOYING, generation=2, serving=pull.shas[0])
    tell(forge, pull, state, generation=3, sha=None)
    assert statuses(shop) == ["success", "canceled"]
    assert (place(shop).state, place(shop).external_url) == ("stopped", None)
    assert pull.deployed is None


def test_what_was_stopped_is_deployed_anew(shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    runs(forge, pull)
    tell(forge, pull, State.STOPPED, generation=2)
    runs(forge, pull, generation=3)
    assert (statuses(shop), place(shop).state) == (["success", "success"], "available")
    assert pull.deployed == (pull.head, URL)


def test_what_was_stopped_is_up_again_though_nobody_told_of_its_deploy(
    shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    runs(forge, pull)
    tell(forge, pull, State.STOPPED, generation=2)
    tell(forge, pull, generation=3, serving=pull.head, urls=(("web", Url(URL)),))
    assert pull.deployed == (pull.head, URL)


def test_a_developer_may_take_the_environment_away_with_the_preview(
    shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    runs(forge, pull)
    tell(forge, pull, State.DELETED, generation=2)
    assert (shop.deployed.environments, shop.deployed.deployments) == ([], [])
    pull.reopen()
    runs(forge, pull, generation=3)
    assert pull.deployed == (pull.head, URL)


def test_where_it_may_not_be_taken_away_it_stays_stopped(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    runs(forge, pull)
    world.fail_next("DELETE", "/environments/", status=403)
    tell(forge, pull, State.DELETED, generation=2)
    assert place(shop).state == "stopped"
    assert pull.comment.says("deleted")


def test_nothing_that_a_pipeline_named_runs_with_the_bots_rights_when_it_stops(
    shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    runs(forge, pull)
    place(shop).on_stop = True
    tell(forge, pull, State.STOPPED, generation=2)
    assert (place(shop).state, place(shop).jobs) == ("stopped", 0)


def test_a_deployment_that_a_pipeline_made_there_is_let_alone(shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    runs(forge, pull)
    deploy(shop, place(shop), sha=pull.head, ref="feature", status="running", job=True)
    tell(forge, pull, State.STOPPED, generation=2)
    assert statuses(shop) == ["success", "running"]
    assert place(shop).state == "stopped"


def test_while_a_pipelines_job_deploys_there_that_is_the_deployment_and_no_other(
    shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    runs(forge, pull)
    job = deploy(shop, place(shop), sha=pull.head, ref="feature", status="running", job=True)
    pull.push()
    runs(forge, pull, generation=2)
    assert statuses(shop) == ["success", "running"]
    job.become("success", 0)
    pull.push()
    runs(forge, pull, generation=3)
    assert statuses(shop) == ["success", "success", "success"]


def test_nothing_is_made_to_be_stopped(world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    for generation, state in enumerate((State.REFUSED, *OVER, State.DELETED), start=1):
        tell(forge, pull, state, generation=generation)
    assert writes(world) == []


@pytest.mark.parametrize("state", [State.QUEUED, State.STOPPING, State.DELETING], ids=str)
def test_until_it_is_down_it_is_up(forge: GitLab, pull: MergeRequest, state: State) -> None:
    runs(forge, pull)
    tell(forge, pull, state, generation=2)
    assert pull.deployed == (pull.head, URL)


def test_what_is_refused_ends_nothing_that_serves(shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    runs(forge, pull)
    first = pull.head
    pull.push()
    tell(forge, pull, State.REFUSED, generation=2, serving=first)
    assert (statuses(shop), pull.deployed) == (["success"], (first, URL))


def test_a_preview_without_a_public_service_leads_nowhere(shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    runs(forge, pull)
    pull.push()
    tell(forge, pull, generation=2, serving=pull.head)
    assert pull.deployed == (pull.head, None)


def test_a_forks_commit_is_deployed_on_the_ref_that_the_project_has(shop: Project, forge: GitLab) -> None:
    pull = shop.open_pull(author="eve", from_fork=True, branch="theirs")
    runs(forge, pull)
    (deployment,) = shop.deployed.deployments
    assert (deployment.sha, deployment.ref) == (pull.head, f"refs/merge-requests/{pull.number}/head")
    assert pull.source is not None
    assert pull.source.deployed.environments == []


@pytest.mark.parametrize("status", [502, 0], ids=["bad gateway", "connection cut"])
@pytest.mark.parametrize(
    ("verb", "what"), [("POST", "/deployments"), ("PUT", "/deployments/"), ("PUT", "/environments/")]
)
def test_what_was_done_though_its_answer_was_lost_is_not_done_twice(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest, verb: str, what: str, status: int
) -> None:
    world.fail_next(verb, what, status=status, after_effect=True)
    runs(forge, pull)
    tell(forge, pull, generation=2, serving=pull.head, urls=(("web", Url(URL)),))
    (deployment,) = shop.deployed.deployments
    assert deployment.history == ["running", "success"]
    assert pull.deployed == (pull.head, URL)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 0])
def test_deployments_that_cannot_be_shown_hide_nothing_else(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest, status: int
) -> None:
    world.fail_next("", "/deployments", status=status, times=40)
    runs(forge, pull)
    assert shop.deployed.deployments == []
    assert pull.comment.says("running")
    assert pull.status is not None
    assert pull.status.state == "success"


def test_a_stop_that_gitlab_did_not_hear_is_told_until_it_did(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    runs(forge, pull)
    world.fail_next("POST", "/stop", status=503, times=1)
    with pytest.raises(Unavailable):
        tell(forge, pull, State.DELETED, generation=2)
    assert place(shop).state == "available"
    tell(forge, pull, State.DELETED, generation=2)
    assert shop.deployed.environments == []


def test_a_limit_in_the_middle_loses_nothing(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    tell(forge, pull, State.DEPLOYING)
    world.fail_next("PUT", "/deployments/", status=429, headers={"Retry-After": "9"})
    with pytest.raises(Limited):
        tell(forge, pull, serving=pull.head)
    assert pull.comment.says("running")
    tell(forge, pull, serving=pull.head)
    assert statuses(shop) == ["success"]


@pytest.mark.parametrize("what", ["protected", "off"])
def test_what_the_project_does_not_allow_is_logged_once(
    shop: Project, forge: GitLab, pull: MergeRequest, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    caplog.set_level(logging.WARNING)
    shop.deployed.off, shop.deployed.protected = what == "off", ["review/"] if what == "protected" else []
    for generation in (1, 2):
        runs(forge, pull, generation=generation)
    tell(forge, pull, State.STOPPED, generation=3)
    assert shop.deployed.deployments == []
    assert pull.comment.says("stopped")
    assert sum("has no deployment" in record.message for record in caplog.records) == 1


def test_a_commit_that_is_not_there_hides_nothing_else(shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    tell(forge, pull, sha=Sha("f" * 40))
    assert pull.comment.says("running")
    assert shop.deployed.deployments == []


def test_each_preview_has_an_environment_of_its_own(shop: Project, forge: GitLab) -> None:
    one, other = (shop.open_pull(branch=branch) for branch in ("one", "other"))
    runs(forge, one)
    runs(forge, other, url="https://other.example")
    tell(forge, one, State.DELETED, generation=2)
    assert (one.deployed, other.deployed) == (None, (other.head, "https://other.example"))
