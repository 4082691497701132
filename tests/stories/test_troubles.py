"""What happens when something outside, or something of the user's, does not do what it should."""

from threading import Event

import pytest

from bot.app import _take, turn
from bot.core.deciding.outcome import Succeeded
from bot.core.errors import Unavailable
from bot.core.events import Want, Wish
from bot.core.names import StepId
from bot.core.report import State, StepState
from tests.stories.bot import StoryBot
from tests.stories.conftest import BOTH
from tests.stories.test_pulls import SHOP, SPEC

pytestmark = pytest.mark.slow


@pytest.fixture
def repository(forge):
    return forge.repository("acme/shop", SHOP)


def written(**jobs: str) -> dict[str, str]:
    """The shop with other scripts for its jobs' events."""
    text = SPEC
    for event, script in jobs.items():
        begin = text.index(f"      {event}:")
        end = text.find("\n", begin)
        line = f"      {event}: {{entrypoint: [sh, -c], args: ['{script}']}}"
        text = text[:begin] + line + text[end:]
    return {"matinee.yaml": text}


def test_a_failed_delete_job_keeps_what_stands_and_is_tried_again(repository, bot):
    pull = repository.open_pull(files=written(delete="exit 5"))
    bot.settle()
    pull.close()
    bot.until_tried(pull, 2)
    assert bot.steps(pull)["run seed on delete"].attempts == 2
    assert bot.steps(pull)["remove the environment"].state is StepState.SKIPPED
    assert [home.environment for home in bot.world.runner.homes()] == [pull.key.environment]
    assert bot.status(pull).lane.due


def test_outputs_that_cannot_be_read_fail_the_job_without_a_byte_of_them(repository, bot):
    pull = repository.open_pull(files=written(deploy="echo not-json-but-secret > $MATINEE_OUTPUT_FILE"))
    bot.settle()
    assert bot.steps(pull)["run seed on deploy"].state is StepState.FAILED
    assert "not-json" not in pull.comment.body


def test_an_output_that_a_service_needs_and_no_job_wrote_is_said(repository, bot):
    pull = repository.open_pull(files=written(deploy="echo {} > $MATINEE_OUTPUT_FILE"))
    bot.settle()
    web = bot.steps(pull)["start web"]
    assert web.state is StepState.FAILED
    assert "BANNER" in web.why


def test_a_sensitive_output_is_masked_in_what_later_steps_print(repository, bot):
    output = 'echo "{\\"KEY\\": {\\"value\\": \\"s3cr3t-key\\", \\"sensitive\\": true}}" > $MATINEE_OUTPUT_FILE'
    later = """
  later:
    image: busybox
    needs: [seed]
    variables: {KEY: "${jobs.seed.outputs.KEY}"}
    on: {deploy: {entrypoint: [sh, -c], args: ['echo "it is $KEY"; exit 2']}}
"""
    spec = written(deploy=output)["matinee.yaml"].replace("BANNER", "KEY") + later.lstrip("\n")
    pull = repository.open_pull(files={"matinee.yaml": spec})
    bot.settle()
    environment, generation = pull.key.environment, bot.status(pull).lane.generation
    lines = [line for _, line in bot.world.inbox.logs.lines(environment, generation, "run later on deploy", 1)]
    assert lines == ["it is •••"]
    assert bot.steps(pull)["run later on deploy"].tail == ("it is •••",)
    assert "s3cr3t-key" not in pull.comment.body


def test_an_engine_that_is_away_is_waited_for_and_said(repository, bot):
    with bot.builder_away(Unavailable("no engine answers; start it")):
        pull = repository.open_pull()
        bot.until(pull, State.QUEUED)
        assert pull.comment.says("no engine answers")
    bot.settle()
    assert bot.report(pull).state is State.RUNNING


@BOTH
def test_a_forge_that_is_away_holds_no_deploy_up_and_is_told_later(repository, forge, bot):
    pull = repository.open_pull()
    bot.settle()
    forge.fail_next("", forge.COMMENTS, status=502, times=4)
    pull.push({"web/a": "1"})
    bot.until(pull, State.RUNNING, sha=pull.head)
    assert bot.report(pull).serving == pull.head


@BOTH
def test_a_comment_that_somebody_deleted_is_written_anew(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    pull.comment.delete()
    pull.push({"web/a": "1"})
    bot.settle()
    assert pull.comment.says(pull.head[:7])


def test_a_failed_stop_job_is_a_warning_and_the_stop_goes_on(repository, bot):
    stop = "      stop: {entrypoint: [sh, -c], args: ['exit 9']}\n      delete:"
    pull = repository.open_pull(files={"matinee.yaml": SPEC.replace("      delete:", stop)})
    bot.settle()
    bot.asked(pull, Want.STOP)
    bot.settle()
    assert bot.report(pull).state is State.STOPPED
    assert bot.steps(pull)["run seed on stop"].state is StepState.FAILED


@BOTH
def test_a_pull_whose_repository_was_taken_from_us_keeps_its_preview(repository, forge, bot):
    pull = repository.open_pull()
    bot.settle()
    forge.fail_next("GET", f"{forge.ROOT}{repository.id}", status=404, times=20)
    pull.push({"web/a": "1"})
    bot.settle()
    assert bot.report(pull).state is State.REFUSED
    assert [home.environment for home in bot.world.runner.homes()] == [pull.key.environment]


def test_a_commit_that_changes_the_delete_job_and_fails_changes_nothing_of_what_runs_at_delete(repository, bot):
    pull = repository.open_pull(files=written(delete="echo the first"))
    bot.settle()
    pull.push(written(deploy="exit 1", delete="echo the second"))
    bot.settle()
    pull.close()
    bot.settle()
    generation = bot.status(pull).lane.generation
    lines = bot.world.inbox.logs.lines(pull.key.environment, generation, "run seed on delete", 1)
    assert [line for _, line in lines] == ["the first"]


@BOTH
def test_the_delete_job_runs_with_the_branch_and_the_repository_gone(repository, forge, bot):
    import shutil

    pull = repository.open_pull()
    bot.settle()
    shutil.rmtree(repository.bare.path)
    pull.close()
    bot.settle()
    assert bot.report(pull).state is State.DELETED


def test_a_stopped_preview_is_never_said_to_serve(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    bot.asked(pull, Want.STOP)
    bot.settle()
    pull.push({"matinee.yaml": "version: 2\n"})
    bot.settle()
    assert bot.report(pull).serving is None
    assert not pull.comment.says("goes on serving")


@BOTH
def test_a_delete_by_hand_needs_no_forge(repository, forge, bot):
    pull = repository.open_pull()
    bot.settle()
    with forge.outage():
        bot.asked(pull, Want.DELETE)
        bot.settle()
    assert bot.report(pull).state is State.DELETED
    assert list(bot.world.runner.homes()) == []


def test_a_delete_that_was_killed_once_everything_was_removed_ends_deleted(forge, tmp_path):
    pull = forge.repository("acme/shop", {}).open_pull()
    world = StoryBot(forge, tmp_path / "state").world
    key = pull.key
    wish = Wish(key=key, repository="acme/shop", want=Want.DELETE, sha=None, actor="pat", why="pat asked", person=True)
    world.inbox.wish(wish)
    claim = world.inbox.claim("a bot that is killed", lease=60)
    world.inbox.record(claim, StepId("wake db"), Succeeded(), 1.0)
    turn(claim, world)
    assert world.inbox.lane(key.environment).report.state is State.DELETED
    world.inbox.close()


def test_a_stop_that_was_killed_once_all_was_down_still_says_what_it_did(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    bot.asked(pull, Want.STOP)
    claim = bot.world.inbox.claim("a bot that is killed", lease=60)
    _take(claim, bot.world, Event())
    done = bot.steps(pull)
    _take(claim, bot.world, Event())
    assert bot.report(pull).state is State.STOPPED
    assert bot.steps(pull) == done
    assert "stop web" in done
