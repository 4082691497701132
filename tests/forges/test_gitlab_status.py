import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.core.errors import Unavailable
from bot.core.names import Sha, Url
from bot.core.report import State, StepLine, StepState
from bot.forges import gitlab
from bot.forges.gitlab import GitLab
from tests.forges.gitlab_fixtures import report
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_merge_request import MergeRequest
from tests.world.gitlab_project import Project


@pytest.fixture
def world() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        yield world


@pytest.fixture
def shop(world: GitLabWorld) -> Project:
    return world.repository("acme/shop", ana="write")


@pytest.fixture
def forge(world: GitLabWorld) -> GitLab:
    return gitlab.create(world.settings)


@pytest.fixture
def pull(shop: Project) -> MergeRequest:
    return shop.open_pull()


def tell(forge: GitLab, pull: MergeRequest, *states: State) -> None:
    for state in states:
        forge.tell(forge.pull(pull.key), report(pull, state))


def posts(world: GitLabWorld) -> int:
    return sum(request.startswith("POST") and "/statuses/" in request for request in world.requests)


def test_a_report_is_a_status_on_its_commit(forge: GitLab, pull: MergeRequest) -> None:
    told = replace(report(pull), urls=(("web", Url("https://web.example")),))
    forge.tell(forge.pull(pull.key), told)
    (status,) = pull.statuses
    assert (status.sha, status.name, status.state, status.url) == (
        pull.head,
        "matinee",
        "success",
        "https://web.example",
    )
    assert "running" in status.description
    assert status.pipeline.ref == "feature"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (State.QUEUED, "pending"),
        (State.DEPLOYING, "running"),
        (State.RUNNING, "success"),
        (State.FAILED, "failed"),
        (State.REFUSED, "failed"),
        (State.DELETED, "success"),
    ],
)
def test_a_state_is_one_of_gitlabs(forge: GitLab, pull: MergeRequest, state: State, shown: str) -> None:
    tell(forge, pull, state)
    assert [status.state for status in pull.statuses] == [shown]


def test_from_running_to_running_no_way_leads_and_that_is_right(forge: GitLab, pull: MergeRequest) -> None:
    far = (
        StepLine(name="build web", kind="build", state=StepState.SUCCEEDED),
        StepLine(name="start web", kind="start"),
    )
    tell(forge, pull, State.DEPLOYING)
    forge.tell(forge.pull(pull.key), replace(report(pull, State.DEPLOYING), steps=far))
    assert [status.state for status in pull.statuses] == ["running"]
    tell(forge, pull, State.RUNNING)
    assert [status.state for status in pull.statuses] == ["success"]


def test_what_waits_is_pending_and_says_what_it_does_once_it_runs(forge: GitLab, pull: MergeRequest) -> None:
    tell(forge, pull, State.QUEUED)
    assert pull.status is not None
    assert (pull.status.state, "queued" in pull.status.description) == ("pending", True)
    tell(forge, pull, State.DEPLOYING)
    assert (pull.status.state, "queued" in pull.status.description) == ("running", False)


def test_what_runs_and_is_queued_again_by_a_restart_goes_on_running(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest
) -> None:
    tell(forge, pull, State.DEPLOYING)
    tell(gitlab.create(world.settings), pull, State.QUEUED, State.QUEUED, State.DEPLOYING, State.RUNNING)
    assert [status.state for status in pull.statuses] == ["success"]


def test_a_commit_that_is_deployed_again_has_a_new_job_and_the_one_before_counts_no_more(
    forge: GitLab, pull: MergeRequest
) -> None:
    tell(forge, pull, State.RUNNING, State.QUEUED, State.DEPLOYING)
    assert [(status.state, status.retried) for status in pull.statuses] == [("success", True), ("running", False)]
    tell(forge, pull, State.FAILED)
    assert [(status.state, status.retried) for status in pull.statuses] == [("success", True), ("failed", False)]


def test_every_state_can_follow_every_other(world: GitLabWorld, forge: GitLab, pull: MergeRequest) -> None:
    expected = {State.DEPLOYING: "running", State.RUNNING: "success", State.FAILED: "failed"}
    for before in expected:
        for after in (after for after in expected if after is not before):
            tell(forge, pull, before, after)
            assert pull.status is not None
            assert pull.status.state == expected[after]
    assert len({status.pipeline.id for status in pull.statuses}) == 1


def test_a_status_joins_the_pipeline_that_gitlab_ci_runs(shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    pipeline = shop.pipeline(pull)
    tell(forge, pull, State.DEPLOYING, State.RUNNING)
    assert {status.pipeline.id for status in pull.statuses} == {pipeline.id}


def test_all_statuses_of_a_commit_stay_in_one_pipeline(shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    tell(forge, pull, State.DEPLOYING)
    first = pull.statuses[0].pipeline
    shop.pipeline(pull)
    tell(forge, pull, State.RUNNING)
    assert {status.pipeline.id for status in pull.statuses} == {first.id}


def test_a_pipeline_that_somebody_deleted_is_replaced(shop: Project, forge: GitLab, pull: MergeRequest) -> None:
    tell(forge, pull, State.DEPLOYING)
    shop.pipelines.clear()
    tell(forge, pull, State.RUNNING)
    assert pull.status is not None
    assert pull.status.state == "success"


def test_the_next_commit_has_a_pipeline_of_its_own(forge: GitLab, pull: MergeRequest) -> None:
    tell(forge, pull, State.RUNNING)
    pull.push()
    tell(forge, pull, State.RUNNING)
    assert len({status.pipeline.id for status in pull.statuses}) == 2


def test_a_pipeline_that_changes_at_this_moment_is_waited_for(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest
) -> None:
    world.fail_next("POST", "/statuses/", status=409, times=2, message="Conflict")
    tell(forge, pull, State.RUNNING)
    assert [status.state for status in pull.statuses] == ["success"]
    assert posts(world) == 3


def test_one_that_goes_on_changing_is_told_again_later(world: GitLabWorld, forge: GitLab, pull: MergeRequest) -> None:
    world.fail_next("POST", "/statuses/", status=409, times=4, message="Conflict")
    with pytest.raises(Unavailable, match="just now"):
        tell(forge, pull, State.RUNNING)
    tell(forge, pull, State.RUNNING)
    assert [status.state for status in pull.statuses] == ["success"]


def test_a_forks_status_is_in_the_fork_where_we_may_write_there(
    world: GitLabWorld, shop: Project, forge: GitLab
) -> None:
    pull = shop.open_pull(author="eve", from_fork=True)
    assert pull.source is not None
    pull.source.members[world.bot] = shop.members[world.bot]
    tell(forge, pull, State.RUNNING)
    assert len(pull.source.statuses) == 1
    assert shop.statuses == []


def test_a_forks_status_is_in_the_project_of_the_pull_else(shop: Project, forge: GitLab) -> None:
    pull = shop.open_pull(author="eve", from_fork=True)
    tell(forge, pull, State.DEPLOYING, State.RUNNING)
    (status,) = shop.statuses
    assert (status.state, status.pipeline.ref) == ("success", "refs/merge-requests/1/head")
    assert pull.source is not None
    assert pull.source.statuses == []


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_fork_whose_commits_take_no_status_has_its_note_all_the_same(
    world: GitLabWorld, shop: Project, forge: GitLab, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.WARNING)
    pull = shop.open_pull(author="eve", from_fork=True)
    world.fail_next("POST", "/statuses/", status=status, times=2)
    tell(forge, pull, State.RUNNING)
    assert pull.comment.says("running")
    assert pull.statuses == []
    assert pull.head in caplog.text


def test_a_fork_that_was_deleted_is_told_in_the_project(shop: Project, forge: GitLab) -> None:
    pull = shop.open_pull(author="eve", from_fork=True)
    pull.source = None
    tell(forge, pull, State.RUNNING)
    assert len(shop.statuses) == 1


def test_a_commit_that_takes_no_status_hides_no_note(
    forge: GitLab, pull: MergeRequest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    unknown = Sha("f" * 40)
    forge.tell(forge.pull(pull.key), report(pull, sha=unknown))
    assert pull.comment.says("running")
    assert pull.statuses == []
    assert unknown in caplog.text


def test_a_token_that_may_write_no_status_is_said_after_the_note(
    world: GitLabWorld, shop: Project, forge: GitLab, pull: MergeRequest
) -> None:
    shop.alter(world.bot, level=20)
    with pytest.raises(Unavailable, match="the role Developer"):
        tell(forge, pull, State.RUNNING)
    assert pull.comment.says("running")
