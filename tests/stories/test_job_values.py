"""Which values jobs are given, which they pass on, and when: over several deploys, with tasks of their own."""

import json

import pytest

from bot.core.events import Want
from bot.core.names import Name, job_id
from bot.core.report import State, StepState
from tests.world.leaks import leaks

pytestmark = pytest.mark.slow

FILE = "$MATINEE_OUTPUT_FILE"


def writes(**outputs: object) -> str:
    entries = {name: each if isinstance(each, dict) else {"value": each} for name, each in outputs.items()}
    return f"echo '{json.dumps(entries)}' > {FILE}"


def job(name: str, *, needs: str = "[]", more: str = "{}", **scripts: str) -> str:
    events = "".join(
        f"\n      {event}: {{entrypoint: [sh, -c], args: [{json.dumps(script)}]}}" for event, script in scripts.items()
    )
    return f"""
  {name}:
    image: busybox
    needs: {needs}
    variables: {more}
    on:{events}"""


def spec(*jobs: str, services: str = "{}") -> dict[str, str]:
    return {"matinee.yaml": f"version: 1\nservices: {services}\njobs:{''.join(jobs)}\n"}


@pytest.fixture
def opened(forge, bot):
    def open_pull(files: dict[str, str]):
        pull = forge.repository("acme/shop", files).open_pull()
        bot.settle()
        return pull

    return open_pull


def lines(bot, pull, step: str, attempt: int = 1) -> list[str]:
    generation = bot.status(pull).lane.generation
    return [line for _, line in bot.world.inbox.logs.lines(pull.key.environment, generation, step, attempt)]


def long_name(pull, name: str, output: str) -> str:
    return f"QOVERY_OUTPUT_JOB_{job_id(pull.key.repository, Name(name))}_{output}"


def test_the_long_name_of_an_output_is_the_same_in_every_environment_of_a_repository(forge, bot):
    repository = forge.repository("acme/shop", spec(job("seed", deploy=writes(URL="http://x"))))
    pulls = [repository.open_pull(), repository.open_pull()]
    bot.settle()
    names = {long_name(pull, "seed", "URL") for pull in pulls}
    assert len(names) == 1
    assert len(names.pop()) == len("QOVERY_OUTPUT_JOB_0A1B2C3D_URL")


def test_every_node_that_comes_later_gets_all_outputs_under_their_long_names(forge, bot):
    repository = forge.repository("acme/shop", {"README": ""})
    first = repository.open_pull()
    name = long_name(first, "seed", "URL")
    text = spec(job("seed", deploy=writes(URL="http://x")), job("later", needs="[seed]", deploy=f"echo at ${name}"))
    pull = repository.open_pull(files=text)
    bot.settle()
    assert lines(bot, pull, "run later on deploy") == ["at http://x"]


def test_a_delete_run_is_told_what_its_own_deploy_run_has_left(forge, bot):
    repository = forge.repository("acme/shop", {"README": ""})
    name = long_name(repository.open_pull(), "seed", "ID")
    pull = repository.open_pull(files=spec(job("seed", deploy=writes(ID="i-42"), delete=f"echo dropping ${name}")))
    bot.settle()
    pull.close()
    bot.settle()
    assert lines(bot, pull, "run seed on delete") == ["dropping i-42"]


def test_a_failed_run_pins_nothing_and_a_run_that_is_left_out_pins_what_is_new(opened, bot):
    pull = opened(spec(job("seed", deploy="echo ran", delete="echo the first")))
    pull.push(spec(job("seed", deploy="exit 1", delete="echo the second")))
    bot.settle()
    once = spec(job("seed", deploy="echo ran", delete="echo the third"))
    pull.push(
        {
            "matinee.yaml": once["matinee.yaml"].replace(
                '[sh, -c], args: ["echo ran"]', '[sh, -c], run: once, args: ["echo ran"]'
            )
        }
    )
    bot.settle()
    assert bot.steps(pull)["run seed on deploy"].state is StepState.SKIPPED
    pull.close()
    bot.settle()
    assert lines(bot, pull, "run seed on delete") == ["the third"]


def test_a_job_whose_delete_run_cannot_be_filled_in_fails_before_it_runs(opened, bot):
    needy = job("seed", more="{}", deploy="echo ran", delete="echo ${jobs.other.outputs.ID}")
    pull = opened(spec(job("other", deploy="echo nothing"), needy))
    step = bot.steps(pull)["run seed on deploy"]
    assert step.state is StepState.FAILED
    assert "jobs.seed.on.delete.args" in step.why
    assert lines(bot, pull, "run seed on deploy") == []


def test_a_job_without_a_deploy_event_does_nothing_on_deploy_and_its_delete_run_is_the_newest(opened, bot):
    pull = opened(spec(job("drop", delete="echo the first")))
    assert bot.report(pull).state is State.RUNNING
    pull.push(spec(job("drop", delete="echo the second")))
    bot.settle()
    pull.close()
    bot.settle()
    assert lines(bot, pull, "run drop on delete") == ["the second"]


def test_a_declared_output_that_was_not_written_is_told_and_fails_only_what_names_it(opened, bot):
    web = '{web: {image: busybox, port: 80, variables: {KEY: "${jobs.seed.outputs.KEY}"}}}'
    text = spec(job("seed", deploy=writes(URL="http://x")), services=web)["matinee.yaml"]
    pull = opened(
        {"matinee.yaml": text.replace("    on:", "    outputs: {declare: {KEY: {sensitive: true}}}\n    on:")}
    )
    assert bot.steps(pull)["run seed on deploy"].state is StepState.SUCCEEDED
    assert "did not write KEY" in bot.steps(pull)["run seed on deploy"].why
    assert bot.steps(pull)["start web"].state is StepState.FAILED
    assert "services.web.variables.KEY" in bot.steps(pull)["start web"].why


def test_a_run_on_change_says_what_has_changed(opened, bot):
    def text(rows: str) -> dict[str, str]:
        found = spec(job("seed", more=f"{{ROWS: '{rows}'}}", deploy="echo ran"))["matinee.yaml"]
        return {"matinee.yaml": found.replace("deploy: {", "deploy: {run: on-change, ")}

    pull = opened(text("1"))
    assert bot.steps(pull)["run seed on deploy"].why == ""
    pull.push(text("2"))
    bot.settle()
    assert bot.steps(pull)["run seed on deploy"].why == "it ran for variable ROWS"


def test_what_becomes_secret_later_is_masked_in_what_an_earlier_step_was_told_to_have_printed(opened, bot, tmp_path):
    secret = {"value": "t0p-s3cr3t", "sensitive": True}
    spelt = "".join(f"\\{ord(letter):03o}" for letter in "t0p-s3cr3t")
    first = job("first", deploy=f"printf '{spelt}\\n'; exit 3")
    then = job("then", needs="[wait]", deploy=writes(KEY=secret).replace("t0p-s3cr3t", spelt).replace("echo", "printf"))
    pull = opened(spec(first, job("wait", deploy="sleep 0.3"), then))
    assert bot.steps(pull)["run first on deploy"].tail == ("•••",)
    assert "t0p-s3cr3t" not in pull.comment.body
    bot.asked(pull, Want.STOP)
    bot.settle()
    assert "t0p-s3cr3t" not in repr(bot.report(pull))


def test_a_rotated_secret_stays_masked_in_what_still_prints_the_old_one(opened, bot):
    def text(value: str, extra: str) -> dict[str, str]:
        return spec(job("seed", deploy=f"echo {extra}; " + writes(KEY={"value": value, "sensitive": True})))

    pull = opened(text("first-s3cr3t", "hello"))
    pull.push(text("second-s3cr3t", "was first-s3cr3t"))
    bot.settle()
    assert lines(bot, pull, "run seed on deploy") == ["was •••"]


def test_the_lines_of_a_failed_step_that_are_not_shown_are_counted(opened, bot):
    pull = opened(spec(job("seed", deploy="seq 1 100; exit 3")))
    step = bot.steps(pull)["run seed on deploy"]
    assert (len(step.tail), step.printed) == (40, 100)
    assert pull.comment.says("its last 40 lines (60 hidden)")


def test_the_log_of_a_whole_environment_is_clean_of_a_secret_that_only_its_last_run_declared(opened, bot, tmp_path):
    spelt = "".join(f"\\{ord(letter):03o}" for letter in "t0p-s3cr3t")
    script = f'printf \'{spelt}\\n\'; printf \'{{"KEY": {{"value": "{spelt}"}}}}\' > {FILE}'
    plain = spec(job("seed", deploy=script))
    pull = opened(plain)
    assert leaks(tmp_path, "t0p-s3cr3t")
    declared = plain["matinee.yaml"].replace("    on:", "    outputs: {declare: {KEY: {sensitive: true}}}\n    on:")
    pull.push({"matinee.yaml": declared})
    bot.settle()
    (old, new) = (line for line in _printed(bot, pull) if line)
    assert (old, new) == ("•••", "•••")


def _printed(bot, pull) -> list[str]:
    books = [book for book in bot.world.inbox.logs.kept(pull.key.environment) if book[1].startswith("run ")]
    return [line for book in books for _, line in bot.world.inbox.logs.lines(pull.key.environment, *book)]
