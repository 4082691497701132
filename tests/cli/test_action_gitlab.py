"""`matinee action` as a job of GitLab CI runs it: the merge request by variables, reports into the job's folder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot import plugins
from bot.cli.codes import Code
from bot.cli.step.inputs import inputs
from bot.cli.step.step import Step, chosen, given
from bot.world import world as opened
from tests.stories.bot import StoryBot
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_merge_request import MergeRequest
from tests.world.gitlab_project import Project

SECRET = "swordfish-of-the-seed"
LEFT = {"PLACE": {"value": "here"}, "KEY": {"value": SECRET, "sensitive": True}}
SPEC = f"""\
version: 1
services:
  web: {{image: busybox, port: 80, public: true}}
jobs:
  seed:
    image: busybox
    on:
      deploy:
        entrypoint: [sh, -c]
        args: ['echo "$LEFT" > /qovery-output/qovery-output.json']
    variables: {{LEFT: '{json.dumps(LEFT)}'}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    code: Code
    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """Of the jobs that follow."""
        report = self.folder / "matinee.env"
        return dict(line.split("=", 1) for line in report.read_text().splitlines()) if report.exists() else {}


class Jobs:
    """Runs jobs of merge request pipelines on a machine where previews stand as long as it does."""

    def __init__(self, gitlab: GitLabWorld, folder: Path) -> None:
        self._gitlab, self._folder, self._count = gitlab, folder, 0
        self.runner = StoryBot(gitlab, folder / "bot").world.runner

    def run(self, pull: MergeRequest, command: str = "deploy", *, by: str = "ana", **more: str) -> Job:
        """A job of the pipeline that somebody started for the merge request as it is now."""
        self._count += 1
        folder = self._folder / f"job{self._count}"
        folder.mkdir()
        environment = given({**self._predefined(pull, by), "CI_PROJECT_DIR": str(folder), **more})
        pipeline, told = plugins.pipeline(environment), inputs(environment, folder)
        world = opened(chosen(pipeline, environment, None, folder, told))
        try:
            return Job(code=Step(replace(world, runner=self.runner), pipeline, told).taken(command), folder=folder)
        finally:
            world.inbox.close()

    def _predefined(self, pull: MergeRequest, by: str) -> dict[str, str]:
        return {
            "GITLAB_CI": "true",
            "CI_SERVER_URL": self._gitlab.base,
            "CI_PROJECT_ID": str(pull.project.id),
            "CI_COMMIT_SHA": pull.head,
            "CI_MERGE_REQUEST_IID": str(pull.number),
            "CI_MERGE_REQUEST_PROJECT_ID": str(pull.project.id),
            "CI_MERGE_REQUEST_PROJECT_PATH": pull.project.full_name,
            "GITLAB_USER_ID": str(self._gitlab.person(by)),
            "GITLAB_USER_LOGIN": by,
            "MATINEE_GITLAB_TOKEN": self._gitlab.token,
            "MATINEE_STATE": str(self._folder / "state"),
            "MATINEE_RUNNER": "memory",
            "MATINEE_BUILDER": "memory",
        }


@pytest.fixture
def gitlab() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        yield world


@pytest.fixture
def jobs(gitlab: GitLabWorld, tmp_path: Path) -> Jobs:
    return Jobs(gitlab, tmp_path)


@pytest.fixture
def shop(gitlab: GitLabWorld) -> Project:
    return gitlab.repository("acme/shop", {"matinee.yaml": SPEC}, rea="read")


def test_a_merge_request_pipeline_previews_it_and_later_jobs_learn_where(
    shop: Project, jobs: Jobs, capfd: pytest.CaptureFixture[str]
) -> None:
    pull = shop.open_pull()
    job = jobs.run(pull)
    assert job.code is Code.DONE
    assert job.variables == {
        "MATINEE_URL": f"http://web.{pull.key.environment}.localhost",
        "MATINEE_ENVIRONMENT": pull.key.environment,
        "MATINEE_ENVIRONMENT_STATE": "running",
        "MATINEE_URL_WEB": f"http://web.{pull.key.environment}.localhost",
        "MATINEE_OUTPUT_SEED_PLACE": "here",
    }
    assert pull.comment.says(job.variables["MATINEE_URL"])
    assert pull.status is not None
    assert pull.status.state == "success"
    assert SECRET not in "".join(capfd.readouterr()) + pull.comment.body
    assert not any(SECRET in file.read_text() for file in job.folder.glob("matinee*.*") if file.suffix != ".db")


def test_a_pipeline_that_is_run_again_deploys_the_newest_commit_and_no_older_one(shop: Project, jobs: Jobs) -> None:
    pull = shop.open_pull()
    old = pull.head
    jobs.run(pull)
    pull.push()
    jobs.run(pull)
    assert jobs.run(pull, CI_COMMIT_SHA=old).code is Code.DONE
    assert pull.comment.says(pull.head[:7])
    assert not pull.comment.says(old[:7])


def test_a_pipeline_for_merged_results_deploys_the_branchs_own_commit(shop: Project, jobs: Jobs) -> None:
    pull = shop.open_pull()
    merged = {"CI_COMMIT_SHA": "c" * 40, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": pull.head}
    assert jobs.run(pull, **merged).variables["MATINEE_ENVIRONMENT_STATE"] == "running"
    assert pull.comment.says(pull.head[:7])


def test_the_stop_job_deletes_an_open_merge_requests_preview_and_the_next_push_brings_it_back(
    shop: Project, jobs: Jobs
) -> None:
    pull = shop.open_pull()
    jobs.run(pull)
    assert jobs.run(pull, "delete").variables["MATINEE_ENVIRONMENT_STATE"] == "deleted"
    assert list(jobs.runner.homes()) == []
    pull.push()
    assert jobs.run(pull).variables["MATINEE_ENVIRONMENT_STATE"] == "running"


@pytest.mark.parametrize("command", ["deploy", "delete"])
def test_a_closed_merge_request_has_no_preview_whatever_its_pipeline_wants(
    shop: Project, jobs: Jobs, command: str
) -> None:
    pull = shop.open_pull()
    jobs.run(pull)
    pull.close(merged=True)
    assert jobs.run(pull, command).code is Code.DONE
    assert list(jobs.runner.homes()) == []
    assert pull.comment.says("deleted")


def test_only_whoever_may_write_has_a_commit_run_by_starting_its_pipeline(shop: Project, jobs: Jobs) -> None:
    pull = shop.open_pull()
    refused = jobs.run(pull, by="rea")
    assert refused.code is Code.REFUSED
    assert "MATINEE_URL" not in refused.variables
    assert jobs.run(pull, by="ana").code is Code.DONE


def test_a_member_who_runs_a_forks_pipeline_here_does_not_run_its_commit(shop: Project, jobs: Jobs) -> None:
    pull = shop.open_pull(from_fork=True, author="eve")
    assert jobs.run(pull).code is Code.REFUSED
    assert list(jobs.runner.homes()) == []


def test_a_forks_own_pipeline_does_nothing_and_says_so(
    shop: Project, jobs: Jobs, capfd: pytest.CaptureFixture[str]
) -> None:
    pull = shop.open_pull(from_fork=True, author="eve")
    job = jobs.run(pull, by="eve", CI_PROJECT_ID="5", MATINEE_GITLAB_TOKEN="")
    assert (job.code, job.variables) == (Code.DONE, {})
    assert "runs in a fork" in capfd.readouterr().err
    assert pull.comments == []


def test_without_a_token_of_ours_it_says_which_is_missing(
    shop: Project, jobs: Jobs, capfd: pytest.CaptureFixture[str]
) -> None:
    job = jobs.run(shop.open_pull(), MATINEE_GITLAB_TOKEN="", CI_JOB_TOKEN="glcbt-1")
    assert (job.code, job.variables) == (Code.USAGE, {})
    printed = capfd.readouterr().err
    assert "set MATINEE_GITLAB_TOKEN" in printed
    assert "docs/gitlab-ci.md" in printed
    assert "tried again" not in printed


def test_with_a_token_that_gitlab_does_not_take_it_ends_at_once(
    shop: Project, jobs: Jobs, capfd: pytest.CaptureFixture[str]
) -> None:
    job = jobs.run(shop.open_pull(), MATINEE_GITLAB_TOKEN="glpat-over")
    assert (job.code, job.variables) == (Code.UNAVAILABLE, {})
    printed = capfd.readouterr().err
    assert "set MATINEE_GITLAB_TOKEN to one that is valid" in printed
    assert "tried again" not in printed
