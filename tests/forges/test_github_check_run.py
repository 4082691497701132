"""The check run that an App has on a commit, and that nobody without one has."""

from collections.abc import Iterator

import pytest

from bot.core.names import Sha, Url
from bot.core.report import Problem, State, StepLine, StepState
from bot.forges import github
from bot.forges.github import GitHub
from tests.forges.told import tell
from tests.world.github import GitHubWorld
from tests.world.github_checks import CheckRun
from tests.world.github_repository import Pull, Repository

BROKEN = StepLine(
    name="build web",
    kind="build",
    state=StepState.FAILED,
    why="RUN /build.sh ended with exit code 1",
    tail=("no such file",),
    file="web/Dockerfile",
    line=9,
)


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld(app=True) as world:
        yield world


def only(shop: Repository) -> CheckRun:
    (run,) = shop.check_runs
    return run


def test_a_deploy_is_one_check_run_from_its_beginning_to_its_end(shop: Repository, forge: GitHub, pull: Pull) -> None:
    tell(forge, pull, State.QUEUED)
    assert (only(shop).status, only(shop).sha) == ("queued", pull.head)
    tell(forge, pull, State.DEPLOYING)
    assert (only(shop).status, only(shop).title) == ("in_progress", "Preview is being deployed")
    tell(forge, pull, urls=(("web", Url("https://web.example")),))
    run = only(shop)
    assert (run.status, run.conclusion, run.external_id) == ("completed", "success", pull.key.environment)
    assert run.url == "https://web.example"
    assert run.summary is not None
    assert "**Preview is running**" in run.summary
    assert "<!--" not in run.summary


def test_progress_is_not_sent(world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull) -> None:
    tell(forge, pull, State.DEPLOYING, steps=(StepLine(name="build web", kind="build"),))
    for state in (StepState.RUNNING, StepState.SUCCEEDED):
        tell(forge, pull, State.DEPLOYING, steps=(StepLine(name="build web", kind="build", state=state),))
    assert only(shop).edits == 0
    assert pull.comment.edits == 2


def test_a_failed_step_is_shown_at_its_line_of_the_dockerfile(shop: Repository, forge: GitHub, pull: Pull) -> None:
    tell(forge, pull, State.DEPLOYING)
    tell(forge, pull, State.FAILED, steps=(BROKEN,))
    assert only(shop).conclusion == "failure"
    assert only(shop).annotations == [
        {
            "path": "web/Dockerfile",
            "start_line": 9,
            "end_line": 9,
            "annotation_level": "failure",
            "title": "build web",
            "message": "RUN /build.sh ended with exit code 1",
        }
    ]


def test_a_mistake_in_the_spec_is_shown_at_its_line_and_there_are_never_more_than_fifty(
    shop: Repository, forge: GitHub, pull: Pull
) -> None:
    problems = tuple(Problem(path="services.web.port", line=n, column=3, message="no port") for n in range(1, 200))
    tell(forge, pull, State.REFUSED, problems=problems)
    annotations = only(shop).annotations
    assert [(each["path"], each["start_line"]) for each in annotations] == [("matinee.yaml", n) for n in range(1, 51)]


def test_annotations_that_github_does_not_take_cost_nothing_else(
    world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull
) -> None:
    tell(forge, pull, State.DEPLOYING)
    world.fail_next("PATCH", "/check-runs", status=422, message="Invalid request")
    tell(forge, pull, State.FAILED, steps=(BROKEN,))
    assert (only(shop).conclusion, only(shop).annotations) == ("failure", [])


def test_another_try_of_the_same_commit_is_another_check_run_without_the_old_annotations(
    shop: Repository, forge: GitHub, pull: Pull
) -> None:
    tell(forge, pull, State.DEPLOYING)
    tell(forge, pull, State.FAILED, steps=(BROKEN,))
    tell(forge, pull, State.DEPLOYING, generation=2)
    tell(forge, pull, generation=2)
    first, second = shop.check_runs
    assert (first.conclusion, len(first.annotations)) == ("failure", 1)
    assert (second.conclusion, len(second.annotations)) == ("success", 0)


def test_a_push_has_a_check_run_of_its_own_and_ends_that_of_the_commit_before(
    shop: Repository, forge: GitHub, pull: Pull
) -> None:
    tell(forge, pull, State.DEPLOYING)
    pull.push()
    tell(forge, pull, State.DEPLOYING, generation=2)
    tell(forge, pull, generation=2)
    assert [(run.sha, run.conclusion) for run in shop.check_runs] == [
        (pull.shas[0], "cancelled"),
        (pull.shas[1], "success"),
    ]


def test_a_pull_that_is_closed_before_anything_stood_leaves_no_check_run_open(
    shop: Repository, forge: GitHub, pull: Pull
) -> None:
    tell(forge, pull, State.DEPLOYING)
    tell(forge, pull, State.DELETED, generation=2, sha=None)
    assert only(shop).conclusion == "cancelled"


@pytest.mark.parametrize("state", [State.DEPLOYING, State.RUNNING, State.FAILED])
def test_a_restarted_bot_finds_the_check_run_again(
    world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull, state: State
) -> None:
    tell(forge, pull, state)
    again = github.create(world.settings)
    tell(again, pull, state)
    assert only(shop).edits == 0
    if state is State.DEPLOYING:
        tell(again, pull)
        assert only(shop).conclusion == "success"


def test_two_pulls_of_one_commit_have_each_its_own(shop: Repository, forge: GitHub, pull: Pull) -> None:
    twin = shop.open_pull(branch="twin")
    twin.head = pull.head
    for each in (pull, twin, pull, twin):
        tell(forge, each)
    assert [run.external_id for run in shop.check_runs] == [pull.key.environment, twin.key.environment]


@pytest.mark.parametrize("status", [502, 0], ids=["bad gateway", "connection cut"])
def test_a_check_run_whose_answer_was_lost_is_not_made_twice(
    world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull, status: int
) -> None:
    world.fail_next("POST", "/check-runs", status=status, after_effect=True)
    tell(forge, pull, State.DEPLOYING)
    tell(forge, pull)
    assert only(shop).conclusion == "success"


@pytest.mark.parametrize("status", [403, 404, 422, 500, 0])
def test_a_check_run_that_cannot_be_shown_hides_nothing_else(
    world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull, status: int
) -> None:
    world.fail_next("", "/check-runs", status=status, times=20, message="Resource not accessible by integration")
    tell(forge, pull)
    assert shop.check_runs == []
    assert pull.comment.says("running")
    assert pull.status is not None
    assert [each.state for each in shop.deployments] == ["success"]


@pytest.mark.parametrize("what", ["/check-runs", "/deployments"])
def test_what_is_forbidden_is_not_asked_for_at_every_step(
    world: GitHubWorld, forge: GitHub, pull: Pull, what: str
) -> None:
    world.fail_next("", what, status=403, times=99, message="Resource not accessible by integration")
    for state in StepState:
        tell(forge, pull, State.DEPLOYING, steps=(StepLine(name="build web", kind="build", state=state),))
    assert sum(what in request for request in world.requests) == 1
    tell(forge, pull)
    assert sum(what in request for request in world.requests) == 2


def test_a_check_run_that_failed_once_is_shown_with_the_next_step(
    world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull
) -> None:
    world.fail_next("POST", "/check-runs", status=502)
    tell(forge, pull, State.DEPLOYING)
    assert shop.check_runs == []
    tell(forge, pull, State.DEPLOYING, steps=(StepLine(name="build web", kind="build"),))
    assert only(shop).status == "in_progress"


def test_a_commit_that_is_not_there_hides_nothing_else(forge: GitHub, shop: Repository, pull: Pull) -> None:
    tell(forge, pull, sha=Sha("f" * 40))
    assert pull.comment.says("running")
    assert shop.check_runs == []


def test_with_a_personal_token_none_is_asked_for() -> None:
    with GitHubWorld() as world:
        pull = world.repository("acme/shop").open_pull()
        tell(github.create(world.settings), pull)
        assert not any("check-runs" in request for request in world.requests)
        assert pull.status is not None
