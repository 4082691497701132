"""What lifecycle jobs do, row by row of the contract, over several deploys."""

import json

import pytest

from bot.core.events import Want
from bot.core.report import State, StepState
from tests.stories.bot import StoryBot

pytestmark = pytest.mark.slow

RUN, START = "run seed on deploy", "start web"


def spec(*, seed: str = "", deploy: str = "", web: str = "", script: str = "echo ran") -> str:
    return f"""\
version: 1
services:
  web:
    image: busybox
    port: 8080
    public: true
{web}
jobs:
  seed:
    image: busybox
{seed}
    on:
      deploy:
        entrypoint: [sh, -c]
        args: [{json.dumps(script)}]
{deploy}
      delete: {{entrypoint: [sh, -c], args: ["echo dropped"]}}
"""


def writes(**outputs: object) -> str:
    """A script that leaves these outputs; a value of its own or a whole entry."""
    entries = {name: each if isinstance(each, dict) else {"value": each} for name, each in outputs.items()}
    return f"echo '{json.dumps(entries)}' > $MATINEE_OUTPUT_FILE"


@pytest.fixture
def opened(forge, bot):
    def open_pull(text: str, **files: str):
        pull = forge.repository("acme/shop", {"matinee.yaml": text, "db/a.sql": "1", **files}).open_pull()
        bot.settle()
        return pull

    return open_pull


@pytest.fixture
def pushed(bot):
    def push(pull, files: dict[str, str]):
        pull.push(files)
        bot.settle()
        return bot.steps(pull)

    return push


def lines(bot: StoryBot, pull, step: str, attempt: int = 1) -> list[str]:
    generation = bot.status(pull).lane.generation
    return [line for _, line in bot.world.inbox.logs.lines(pull.key.environment, generation, step, attempt)]


def test_a_job_runs_at_every_deploy_unless_told_otherwise(opened, pushed, bot):
    pull = opened(spec())
    assert pushed(pull, {"news": "1"})[RUN].state is StepState.SUCCEEDED
    assert lines(bot, pull, RUN) == ["ran"]


def test_run_once_is_until_it_succeeded_once_and_the_skip_says_why(opened, pushed, bot):
    pull = opened(spec(deploy="        run: once", script="exit 3"))
    assert bot.steps(pull)[RUN].state is StepState.FAILED
    assert pushed(pull, {"matinee.yaml": spec(deploy="        run: once")})[RUN].state is StepState.SUCCEEDED
    again = pushed(pull, {"matinee.yaml": spec(deploy="        run: once", script="echo other")})
    assert again[RUN].state is StepState.SKIPPED
    assert "run: once" in again[RUN].why
    assert bot.report(pull).state is State.RUNNING
    assert again[START].state is StepState.SUCCEEDED


def test_a_delete_ends_what_ran_once(opened, bot):
    pull = opened(spec(deploy="        run: once"))
    bot.asked(pull, Want.DELETE)
    bot.settle()
    bot.asked(pull, Want.DEPLOY)
    bot.settle()
    assert bot.steps(pull)[RUN].state is StepState.SUCCEEDED


def test_run_on_change_looks_at_arguments_variables_and_the_files_of_paths(opened, pushed):
    on_change = "        run: on-change\n        paths: [db/**]"
    pull = opened(spec(deploy=on_change))
    other = pushed(pull, {"news": "1"})
    assert other[RUN].state is StepState.SKIPPED
    assert "run: on-change" in other[RUN].why
    assert pushed(pull, {"db/a.sql": "2"})[RUN].state is StepState.SUCCEEDED
    assert pushed(pull, {"news": "2"})[RUN].state is StepState.SKIPPED
    assert pushed(pull, {"matinee.yaml": spec(deploy=on_change, script="echo other")})[RUN].state is StepState.SUCCEEDED
    ours = spec(deploy=on_change, script="echo other", seed="    variables: {ROWS: '2'}")
    assert pushed(pull, {"matinee.yaml": ours})[RUN].state is StepState.SUCCEEDED


def test_a_skipped_job_keeps_its_outputs(opened, pushed, bot):
    pull = opened(spec(deploy="        run: once", script=writes(URL="http://x")))
    pushed(pull, {"news": "1"})
    assert [(each.name, each.value) for each in bot.report(pull).outputs] == [("URL", "http://x")]


def test_a_job_is_tried_again_as_often_as_it_may_and_every_attempts_log_is_kept(opened, bot):
    pull = opened(spec(deploy="        restarts: 1", script="echo tried; exit 3"))
    assert bot.steps(pull)[RUN].attempts == 2
    assert lines(bot, pull, RUN, 1) == lines(bot, pull, RUN, 2) == ["tried"]


def test_the_file_of_a_failed_attempt_is_never_read(opened, bot):
    pull = opened(spec(script=f"{writes(URL='http://x')}; exit 3"))
    assert bot.report(pull).outputs == ()


def test_a_service_is_redeployed_only_if_a_value_that_it_names_changed(opened, pushed):
    web = "    variables: {URL: '${jobs.seed.outputs.URL}'}"
    pull = opened(spec(web=web, script=writes(URL="http://x", OTHER="1")))
    unnamed = pushed(pull, {"matinee.yaml": spec(web=web, script=writes(URL="http://x", OTHER="2"))})
    assert unnamed[START].why == "unchanged"
    named = pushed(pull, {"matinee.yaml": spec(web=web, script=writes(URL="http://y", OTHER="2"))})
    assert named[START].why == "restarted for variable URL"


def test_a_job_that_leaves_an_unreadable_file_fails_unless_told_otherwise(opened, bot):
    pull = opened(spec(script="echo canary > $MATINEE_OUTPUT_FILE"))
    step = bot.steps(pull)[RUN]
    assert step.state is StepState.FAILED
    assert "no JSON, at line 1, column 1" in step.why
    assert "canary" not in pull.comment.body


def test_on_invalid_warn_goes_on_without_outputs_and_says_so(opened, bot):
    pull = opened(spec(seed="    outputs: {on_invalid: warn}", script="echo canary > $MATINEE_OUTPUT_FILE"))
    step = bot.steps(pull)[RUN]
    assert step.state is StepState.SUCCEEDED
    assert "it has no outputs" in step.why
    assert bot.report(pull).outputs == ()


def test_on_invalid_keep_previous_goes_on_with_the_outputs_of_the_run_before(opened, pushed, bot):
    keep = "    outputs: {on_invalid: keep-previous}"
    pull = opened(spec(seed=keep, script=writes(URL="http://x")))
    broken = spec(seed=keep, script="echo canary > $MATINEE_OUTPUT_FILE")
    assert "of the run before" in pushed(pull, {"matinee.yaml": broken})[RUN].why
    assert [each.value for each in bot.report(pull).outputs] == ["http://x"]


def test_a_declared_output_is_sensitive_whatever_the_file_says(opened, bot):
    pull = opened(spec(seed="    outputs: {declare: {KEY: {sensitive: true}}}", script=writes(KEY="s3cr3t-key")))
    assert [(each.name, each.value) for each in bot.report(pull).outputs] == [("KEY", None)]


def test_the_logs_of_the_job_itself_are_rewritten_once_its_outputs_are_known_to_be_secret(opened, bot):
    secret = writes(KEY={"value": "s3cr3t-key", "sensitive": True})
    pull = opened(spec(script=f"echo the key is s3cr3t-key; {secret}"))
    assert lines(bot, pull, RUN) == ["the key is •••"]


def test_a_stop_or_delete_run_keeps_the_outputs_of_the_deploy(opened, bot):
    text = spec(script=writes(URL="http://x")).replace("      delete:", "      stop: {args: [x]}\n      delete:")
    pull = opened(text)
    bot.asked(pull, Want.STOP)
    bot.settle()
    assert [each.value for each in bot.report(pull).outputs] == ["http://x"]


def test_a_secret_of_old_stays_hidden_in_what_still_prints_it(opened, pushed, bot):
    pull = opened(spec(script=writes(KEY={"value": "old-s3cr3t", "sensitive": True})))
    pushed(pull, {"matinee.yaml": spec(script="echo it was old-s3cr3t; " + writes(KEY="plain"))})
    assert lines(bot, pull, RUN) == ["it was •••"]
