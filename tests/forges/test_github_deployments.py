"""What GitHub lists as deployed where, from a pull's first commit to the end of its preview."""

from datetime import UTC, datetime

import pytest

from bot.core.errors import Limited
from bot.core.names import Sha, Url
from bot.core.report import State
from bot.forges import github
from bot.forges.github import GitHub
from tests.forges import told
from tests.forges.told import tell
from tests.world.github import GitHubWorld
from tests.world.github_deployments import Deployment
from tests.world.github_repository import Pull, Repository

URLS = (("web", Url("https://web.example")),)


def states(shop: Repository) -> list[str]:
    return [deployment.state for deployment in shop.deployments]


def runs(forge: GitHub, pull: Pull, generation: int = 1) -> None:
    tell(forge, pull, State.DEPLOYING, generation=generation)
    tell(forge, pull, generation=generation, serving=pull.head, urls=URLS)


def only(shop: Repository) -> Deployment:
    (deployment,) = shop.deployments
    return deployment


def test_a_deploy_is_a_deployment_of_the_very_commit_in_an_environment_that_is_to_go(
    shop: Repository, forge: GitHub, pull: Pull
) -> None:
    runs(forge, pull)
    deployment = only(shop)
    assert (deployment.sha, deployment.environment) == (pull.head, f"preview-{pull.key.environment}")
    assert deployment.transient
    assert not deployment.production
    assert [status.state for status in deployment.statuses] == ["in_progress", "success"]
    assert deployment.statuses[-1].environment_url == "https://web.example"


def test_a_push_ends_the_deployment_of_the_commit_before_when_it_is_up(
    shop: Repository, forge: GitHub, pull: Pull
) -> None:
    runs(forge, pull)
    first = pull.head
    pull.push()
    tell(forge, pull, State.DEPLOYING, generation=2, serving=first)
    assert states(shop) == ["success", "in_progress"]
    tell(forge, pull, generation=2, serving=pull.head, urls=URLS)
    assert states(shop) == ["inactive", "success"]


def test_what_goes_on_serving_stays_active_when_the_newer_commit_fails(
    shop: Repository, forge: GitHub, pull: Pull
) -> None:
    runs(forge, pull)
    first = pull.head
    for generation in (2, 3):
        pull.push()
        tell(forge, pull, State.DEPLOYING, generation=generation, serving=first)
        tell(forge, pull, State.FAILED, generation=generation, serving=first, urls=URLS)
    assert states(shop) == ["success", "inactive", "failure"]
    assert shop.deployments[-1].statuses[-1].environment_url == ""
    pull.push()
    runs(forge, pull, generation=4)
    assert states(shop) == ["inactive", "inactive", "inactive", "success"]


def test_a_deploy_that_a_push_overtook_does_not_stay_in_progress(shop: Repository, forge: GitHub, pull: Pull) -> None:
    tell(forge, pull, State.DEPLOYING)
    pull.push()
    tell(forge, pull, State.DEPLOYING, generation=2)
    assert states(shop) == ["inactive", "in_progress"]


@pytest.mark.parametrize(
    "state", [State.STOPPED, State.ASLEEP, State.STOP_FAILED, State.DELETED, State.DELETE_FAILED], ids=str
)
def test_at_the_end_all_are_inactive(shop: Repository, forge: GitHub, pull: Pull, state: State) -> None:
    runs(forge, pull)
    pull.push()
    tell(forge, pull, State.FAILED, generation=2, serving=pull.shas[0])
    tell(forge, pull, state, generation=3, sha=None)
    assert states(shop) == ["inactive", "inactive"]


def test_what_was_stopped_is_deployed_anew(shop: Repository, forge: GitHub, pull: Pull) -> None:
    runs(forge, pull)
    tell(forge, pull, State.STOPPED, generation=2)
    runs(forge, pull, generation=3)
    assert states(shop) == ["inactive", "success"]


@pytest.mark.parametrize("state", [State.QUEUED, State.REFUSED], ids=str)
def test_what_is_not_deployed_is_not_said_to_be(shop: Repository, forge: GitHub, pull: Pull, state: State) -> None:
    tell(forge, pull, state)
    assert shop.deployments == []


@pytest.mark.parametrize("state", [State.STOPPING, State.DELETING], ids=str)
def test_until_it_is_down_it_is_up(shop: Repository, forge: GitHub, pull: Pull, state: State) -> None:
    runs(forge, pull)
    tell(forge, pull, state, generation=2)
    assert states(shop) == ["success"]


def test_a_restarted_bot_finds_them_again(world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull) -> None:
    runs(forge, pull)
    runs(github.create(world.settings), pull)
    assert [status.state for status in only(shop).statuses] == ["in_progress", "success", "in_progress", "success"]
    tell(github.create(world.settings), pull, serving=pull.head, urls=URLS)
    assert len(only(shop).statuses) == 4
    tell(github.create(world.settings), pull, State.DELETED)
    assert states(shop) == ["inactive"]


@pytest.mark.parametrize("status", [502, 0], ids=["bad gateway", "connection cut"])
@pytest.mark.parametrize("what", ["/deployments", "/statuses"])
def test_a_deployment_whose_answer_was_lost_is_not_made_twice(
    world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull, what: str, status: int
) -> None:
    world.fail_next("POST", f"{what}?", status=status, after_effect=True)
    tell(forge, pull, State.DEPLOYING)
    tell(forge, pull, State.DEPLOYING)
    assert [status.state for status in only(shop).statuses] == ["in_progress"]


def test_the_environment_is_removed_where_we_may(shop: Repository, forge: GitHub, pull: Pull) -> None:
    shop.administered = True
    runs(forge, pull)
    assert shop.environments == {f"preview-{pull.key.environment}"}
    tell(forge, pull, State.DELETED, generation=2)
    assert shop.environments == set()


def test_where_we_may_not_remove_it_nothing_fails(shop: Repository, forge: GitHub, pull: Pull) -> None:
    runs(forge, pull)
    tell(forge, pull, State.DELETED, generation=2)
    assert pull.comment.says("deleted")
    assert states(shop) == ["inactive"]


@pytest.mark.parametrize("status", [403, 404, 409, 422, 500, 0])
def test_deployments_that_cannot_be_shown_hide_nothing_else(
    world: GitHubWorld, shop: Repository, forge: GitHub, pull: Pull, status: int
) -> None:
    world.fail_next("", "/deployments", status=status, times=20, message="Resource not accessible by integration")
    runs(forge, pull)
    assert shop.deployments == []
    assert pull.comment.says("running")
    assert pull.status is not None


def test_a_limit_in_the_middle_loses_nothing(world: GitHubWorld, shop: Repository, pull: Pull) -> None:
    times = [datetime(2026, 3, 1, tzinfo=UTC)]
    forge = told.forge(world, now=lambda: times[-1])
    tell(forge, pull, State.DEPLOYING)
    world.fail_next("POST", "/deployments/", status=429, headers={"Retry-After": "9"})
    with pytest.raises(Limited) as limited:
        tell(forge, pull, urls=URLS)
    assert pull.comment.says("running")
    assert states(shop) == ["in_progress"]
    times.append(limited.value.until)
    tell(forge, pull, urls=URLS)
    assert states(shop) == ["success"]


def test_a_commit_that_is_not_there_hides_nothing_else(shop: Repository, forge: GitHub, pull: Pull) -> None:
    tell(forge, pull, sha=Sha("f" * 40))
    assert pull.comment.says("running")
    assert shop.deployments == []
