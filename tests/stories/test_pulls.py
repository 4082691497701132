"""What happens to a pull, in the words of those who open one."""

import pytest

from bot.core.events import Want
from bot.core.report import State, StepState
from tests.stories.conftest import BOTH
from tests.world.bot import wait

pytestmark = [pytest.mark.slow, BOTH]

SPEC = """\
version: 1
services:
  db: {image: busybox, port: 5432}
  web:
    build: {root: web}
    port: 8080
    public: true
    variables: {BANNER: "${jobs.seed.outputs.BANNER}"}
jobs:
  seed:
    build: {root: seed}
    needs: [db]
    on:
      deploy: {entrypoint: [sh, -c], args: ['echo "{\\"BANNER\\": {\\"value\\": \\"hello\\"}}" > $MATINEE_OUTPUT_FILE']}
      delete: {entrypoint: [sh, -c], args: ["echo dropped"]}
"""
SHOP = {
    "matinee.yaml": SPEC,
    "web/Dockerfile": 'FROM busybox\nCMD ["sleep", "1000"]\n',
    "seed/Dockerfile": "FROM busybox\n",
}


@pytest.fixture
def repository(forge):
    return forge.repository("acme/shop", SHOP)


def test_an_opened_pull_becomes_a_running_preview_with_its_outputs(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    report = bot.report(pull)
    assert report.state is State.RUNNING
    assert [line.value for line in report.outputs] == ["hello"]
    assert report.url is not None
    assert pull.comment.says(report.url)
    assert pull.status.state == "success"


def test_a_pull_has_one_comment_however_often_it_is_pushed_to(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    pull.push({"web/index.html": "newer"})
    bot.settle()
    assert len(pull.comments) == 1
    assert pull.comment.says(pull.head[:7])


def test_a_push_builds_only_what_it_changed(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    pull.push({"web/index.html": "newer"})
    bot.settle()
    steps = bot.steps(pull)
    assert steps["build seed"].why == "unchanged"
    assert steps["build web"].why != "unchanged"
    assert steps["start db"].why == "unchanged"


def test_a_push_during_a_build_deploys_only_the_newer_commit(repository, bot):
    with bot.held_at("web") as reached:
        pull = repository.open_pull()
        assert reached.wait(20)
        pull.push({"web/index.html": "newer"})
    bot.settle()
    assert bot.report(pull).sha == bot.report(pull).serving == pull.head
    assert len(pull.comments) == 1


def test_of_two_pushes_in_one_second_only_the_second_is_deployed(repository, forge, bot):
    pull = repository.open_pull()
    bot.settle()
    with forge.holding() as held:
        first = pull.push({"web/index.html": "first"})
        pull.push({"web/index.html": "second"})
    for delivery in held:
        delivery.redeliver()
    bot.settle()
    assert bot.report(pull).serving == pull.head
    assert [status for status in pull.statuses if status.sha == first] == []


def test_a_pull_that_is_reopened_while_it_is_deleted_ends_running(repository, bot):
    pull = repository.open_pull(files={"matinee.yaml": SPEC.replace("echo dropped", "sleep 1; echo dropped")})
    bot.settle()
    pull.close()
    wait(lambda: bot.report(pull).state is State.DELETING, "the delete to begin")
    pull.reopen()
    bot.settle()
    assert bot.report(pull).state is State.RUNNING
    assert bot.steps(pull)["start web"].state is StepState.SUCCEEDED
    assert len(list(bot.world.runner.homes())) == 1


def test_a_close_during_a_build_leaves_nothing(repository, bot):
    with bot.held_at("web") as reached:
        pull = repository.open_pull()
        assert reached.wait(20)
        pull.close()
    bot.settle()
    assert bot.report(pull).state is State.DELETED
    assert list(bot.world.runner.homes()) == []


def test_a_failed_build_says_where_and_leaves_the_old_version_serving(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    good = pull.head
    pull.push({"web/Dockerfile": "FROM busybox\nRUN exit 3\n"})
    bot.settle()
    report = bot.report(pull)
    assert report.state is State.FAILED
    assert report.serving == good
    assert bot.steps(pull)["start web"].state is StepState.SKIPPED
    assert pull.comment.says("web/Dockerfile:2")
    assert pull.status.state in ("failure", "failed")


def test_a_failed_job_holds_back_what_waits_for_it_and_says_so(repository, bot):
    pull = repository.open_pull(files={"matinee.yaml": SPEC.replace("args: ['echo", "args: ['exit 4; echo")})
    bot.settle()
    steps = bot.steps(pull)
    assert steps["run seed on deploy"].state is StepState.FAILED
    assert "4" in steps["run seed on deploy"].why
    assert steps["start web"].state is StepState.SKIPPED
    assert "run seed on deploy" in steps["start web"].why


def test_a_closed_pull_runs_its_delete_job_and_is_gone(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    pull.close(merged=True)
    bot.settle()
    assert bot.report(pull).state is State.DELETED
    assert bot.steps(pull)["run seed on delete"].state is StepState.SUCCEEDED
    assert list(bot.world.runner.homes()) == []


def test_a_reopened_pull_is_deployed_again(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    pull.close()
    bot.settle()
    pull.reopen()
    bot.settle()
    assert bot.report(pull).state is State.RUNNING


def test_a_pull_from_a_fork_is_refused_and_nothing_of_it_runs(repository, bot):
    pull = repository.open_pull(from_fork=True)
    bot.settle()
    assert bot.report(pull).state is State.REFUSED
    assert pull.comment.says("fork")
    assert list(bot.world.runner.homes()) == []
    assert not bot.built


def test_a_spec_with_mistakes_is_refused_with_the_place_of_each(repository, bot):
    pull = repository.open_pull(files={"matinee.yaml": "version: 1\nservises: {}\n"})
    bot.settle()
    assert bot.report(pull).state is State.REFUSED
    assert pull.comment.says("matinee.yaml:2:1")
    assert pull.comment.says("services")


def test_a_pull_without_a_spec_is_told_what_to_add(forge, bot):
    pull = forge.repository("acme/plain", {"README.md": "hello"}).open_pull()
    bot.settle()
    assert pull.comment.says("matinee.yaml")


def test_deliveries_out_of_order_end_in_the_state_of_the_pull(repository, forge, bot):
    pull = repository.open_pull()
    bot.settle()
    with forge.holding() as held:
        pull.push({"web/a": "1"})
        pull.push({"web/b": "2"})
        pull.close()
        pull.reopen()
    for sent in reversed(held):
        sent.redeliver()
        sent.redeliver()
    bot.settle()
    assert bot.report(pull).state is State.RUNNING
    assert bot.report(pull).serving == pull.head


def test_a_lost_close_is_made_up_for_by_the_next_delivery(repository, forge, bot):
    pull = repository.open_pull()
    bot.settle()
    with forge.holding() as held:
        pull.push({"web/a": "1"})
        pull.close()
    held[0].redeliver()
    bot.settle()
    assert bot.report(pull).state is State.DELETED


def test_a_stopped_preview_is_started_by_the_next_push(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    bot.asked(pull, Want.STOP)
    bot.settle()
    assert bot.report(pull).state is State.STOPPED
    pull.push({"web/a": "1"})
    bot.settle()
    assert bot.report(pull).state is State.RUNNING


def test_a_preview_that_a_person_deleted_stays_so_until_it_is_asked_for(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    bot.asked(pull, Want.DELETE)
    bot.settle()
    pull.push({"web/a": "1"})
    bot.settle()
    assert bot.report(pull).state is State.DELETED
    bot.asked(pull, Want.DEPLOY)
    bot.settle()
    assert bot.report(pull).state is State.RUNNING


def test_a_branch_whose_commit_arrives_late_in_git_is_waited_for(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    pull.push({"web/a": "1"}, late=2)
    bot.settle()
    assert bot.report(pull).serving == pull.head


def test_no_secret_of_the_bot_is_in_what_it_tells(repository, forge, bot):
    pull = repository.open_pull()
    bot.settle()
    told = pull.comment.body + "".join(status.description for status in pull.statuses)
    assert forge.token not in told
    assert forge.secret not in told
