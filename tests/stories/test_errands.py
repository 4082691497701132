"""What people do by hand in one preview, and how pushes leave it alone."""

from dataclasses import replace

import pytest

from bot.core.errand import Adopt, Drop, Errand, Force, Reset
from bot.core.events import Ignored, Want, Wish
from bot.core.group import Home
from bot.core.model import JobEvent
from bot.core.names import Name, output_variable
from bot.core.overlay import Clone
from bot.core.report import State, StepState
from tests.stories.test_jobs import spec, writes

pytestmark = pytest.mark.slow

WEB = "    variables: {URL: '${jobs.seed.outputs.URL}'}"
SPEC = spec(web=WEB, script=writes(URL="http://x"))
SEED, NAME = Name("seed"), Name("web")


@pytest.fixture
def pull(forge, bot):
    pull = forge.repository("acme/shop", {"matinee.yaml": SPEC, "db/a.sql": "1"}).open_pull()
    bot.settle()
    return pull


@pytest.fixture
def sent(bot):
    def send(pull, errand: Errand, want: Want = Want.ERRAND) -> object:
        wish = Wish(
            key=pull.key,
            repository="acme/shop",
            want=want,
            sha=pull.head if want is Want.DEPLOY else None,
            actor="pat",
            why="pat asked",
            person=True,
            errand=errand,
        )
        stored = bot.world.inbox.wish(wish)
        bot.settle()
        return stored

    return send


def stands(bot, pull):
    found = bot.world.runner.recall(Home(environment=pull.key.environment, generation=0))
    assert found is not None
    return found


def clone(bot, pull, name: Name) -> Clone:
    standing = stands(bot, pull)
    assert standing.spec is not None
    assert standing.pull is not None
    node, images = standing.spec.nodes[name], standing.nodes[name].images
    return Clone(node=node, images=images, origin=f"{name} of here", fork=standing.pull.fork)


def otherwise(bot, pull, script: str) -> None:
    """Let the job's next run in this environment do something else, as a program does that depends on the day."""
    standing = stands(bot, pull)
    assert standing.spec is not None
    job = standing.spec.jobs[SEED]
    trigger = job.on[JobEvent.DEPLOY].model_copy(update={"args": (script,)})
    changed = job.model_copy(update={"on": {**job.on, JobEvent.DEPLOY: trigger}})
    newer = standing.spec.model_copy(update={"jobs": {SEED: changed}})
    home = Home(environment=pull.key.environment, generation=standing.generation)
    bot.world.runner.remember(home, replace(standing, spec=newer))


def test_a_delete_run_is_told_what_a_forced_run_has_left(bot, forge, sent):
    repository = forge.repository("acme/other", {"README": ""})
    name = output_variable(repository.open_pull().key.repository, SEED, "ID")
    text = spec(script=writes(ID="i-1")).replace("echo dropped", f"echo dropping ${name}")
    pull = repository.open_pull(files={"matinee.yaml": text})
    bot.settle()
    otherwise(bot, pull, writes(ID="i-2"))
    sent(pull, Force(job=SEED, event=JobEvent.DEPLOY))
    pull.close()
    bot.settle()
    generation = bot.status(pull).lane.generation
    lines = bot.world.inbox.logs.lines(pull.key.environment, generation, "run seed on delete", 1)
    assert [line for _, line in lines] == ["dropping i-2"]


def test_a_forced_run_that_succeeded_is_the_one_of_run_once(bot, forge, sent):
    once = spec(deploy="        run: once", script="exit 3")
    pull = forge.repository("acme/other", {"matinee.yaml": once}).open_pull()
    bot.settle()
    otherwise(bot, pull, "true")
    sent(pull, Force(job=SEED, event=JobEvent.DEPLOY))
    assert bot.steps(pull)["run seed on deploy"].state is StepState.SUCCEEDED
    pull.push({"news": "1"})
    bot.settle()
    assert bot.steps(pull)["run seed on deploy"].state is StepState.SKIPPED


def test_a_forced_run_runs_one_event_whatever_its_run_says_and_touches_nothing_else(bot, pull, sent):
    pull.push({"matinee.yaml": spec(web=WEB, deploy="        run: once", script=writes(URL="http://x"))})
    bot.settle()
    sent(pull, Force(job=SEED, event=JobEvent.DEPLOY))
    assert list(bot.steps(pull)) == ["run seed on deploy"]
    assert bot.steps(pull)["run seed on deploy"].state is StepState.SUCCEEDED
    assert bot.report(pull).state is State.RUNNING
    assert bot.report(pull).serving == pull.head


def test_a_forced_run_of_a_delete_event_runs_what_is_pinned(bot, pull, sent):
    sent(pull, Force(job=SEED, event=JobEvent.DELETE))
    generation = bot.status(pull).lane.generation
    lines = bot.world.inbox.logs.lines(pull.key.environment, generation, "run seed on delete", 1)
    assert [line for _, line in lines] == ["dropped"]
    assert bot.report(pull).state is State.RUNNING


def test_a_failed_forced_run_is_seen_and_changes_no_state(bot, forge, sent):
    pull = forge.repository(
        "acme/other", {"matinee.yaml": spec(script="exit 3", deploy="        run: once")}
    ).open_pull()
    bot.settle()
    sent(pull, Force(job=SEED, event=JobEvent.DEPLOY))
    assert bot.steps(pull)["run seed on deploy"].state is StepState.FAILED
    assert bot.report(pull).state is State.FAILED


def test_an_event_that_the_job_does_not_have_is_an_error_that_names_those_it_has(bot, pull, sent):
    sent(pull, Force(job=SEED, event=JobEvent.STOP))
    report = bot.report(pull)
    assert report.state is State.RUNNING
    assert "the job seed has no stop event; it has deploy, delete" in report.why
    assert report.steps == ()


def test_services_that_a_forced_run_makes_stale_are_named_and_redeployed_by_the_next_deploy(bot, forge, sent):
    pull = forge.repository("acme/other", {"matinee.yaml": SPEC}).open_pull()
    bot.settle()
    otherwise(bot, pull, writes(URL="http://y"))
    sent(pull, Force(job=SEED, event=JobEvent.DEPLOY))
    assert bot.steps(pull)["run seed on deploy"].why == "web keeps the values of before until the next deploy"
    pull.push({"matinee.yaml": SPEC.replace("http://x", "http://y")})
    bot.settle()
    assert bot.steps(pull)["start web"].why == "restarted for variable URL"


def test_a_clone_stands_beside_what_it_was_made_from_and_a_push_does_not_undo_it(bot, pull, sent):
    sent(pull, Adopt(name=Name("web2"), clone=clone(bot, pull, NAME)))
    assert bot.steps(pull)["clone web2"].state is StepState.SUCCEEDED
    assert len(bot.report(pull).urls) == 2
    pull.push({"news": "1"})
    bot.settle()
    steps = bot.steps(pull)
    assert steps["start web2"].why == "unchanged"
    assert "pull web2" not in steps


def test_a_clone_of_a_job_runs_in_another_environment_with_that_ones_values(bot, pull, forge, sent):
    other = forge.repository("acme/other", {"matinee.yaml": spec().replace("seed:", "own:")}).open_pull()
    bot.settle()
    sent(other, Adopt(name=SEED, clone=clone(bot, pull, SEED)))
    assert bot.steps(other)["clone seed"].state is StepState.SUCCEEDED
    assert ("seed", "URL") in [(each.job, each.name) for each in bot.report(other).outputs]


def test_a_clone_that_uses_what_there_is_not_is_refused_with_the_list(bot, pull, forge, sent):
    other = forge.repository("acme/other", {"matinee.yaml": spec().replace("seed:", "own:")}).open_pull()
    bot.settle()
    sent(other, Adopt(name=Name("web2"), clone=clone(bot, pull, NAME)))
    assert "${jobs.seed.outputs.URL}" in bot.report(other).why
    assert "web2" not in stands(bot, other).nodes


def test_a_clone_needs_a_name_that_is_free(bot, pull, sent):
    sent(pull, Adopt(name=NAME, clone=clone(bot, pull, NAME)))
    assert "there is a web already" in bot.report(pull).why


def test_a_deleted_service_stays_away_through_pushes_until_the_environment_ends(bot, pull, sent):
    sent(pull, Drop(name=NAME))
    assert bot.steps(pull)["delete web"].state is StepState.SUCCEEDED
    pull.push({"news": "1"})
    bot.settle()
    assert "start web" not in bot.steps(pull)
    bot.asked(pull, Want.DELETE)
    bot.settle()
    bot.asked(pull, Want.DEPLOY)
    bot.settle()
    assert "start web" in bot.steps(pull)


def test_what_others_need_is_not_deleted(bot, pull, sent):
    sent(pull, Drop(name=SEED))
    assert "web cannot do without seed" in bot.report(pull).why
    assert SEED in stands(bot, pull).nodes


def test_a_reset_runs_again_what_ran_once_and_deploys(bot, forge, sent):
    once = spec(deploy="        run: once")
    pull = forge.repository("acme/other", {"matinee.yaml": once}).open_pull()
    bot.settle()
    sent(pull, Reset(), Want.DEPLOY)
    steps = bot.steps(pull)
    assert {"stop web", "empty web", "forget what ran once"} <= set(steps)
    assert steps["run seed on deploy"].state is StepState.SUCCEEDED
    assert bot.report(pull).state is State.RUNNING


def test_a_reset_of_a_service_that_there_is_not_names_those_there_are(bot, pull, sent):
    sent(pull, Reset(services=(Name("wbe"),)), Want.DEPLOY)
    assert "there is no service wbe; there are web" in bot.report(pull).why


def test_nothing_can_be_sent_to_what_is_deleted(bot, pull, sent):
    bot.asked(pull, Want.DELETE)
    bot.settle()
    assert isinstance(sent(pull, Force(job=SEED, event=JobEvent.DEPLOY)), Ignored)


def test_a_forced_delete_goes_on_without_the_jobs_that_fail(bot, forge):
    failing = spec().replace("echo dropped", "exit 5")
    pull = forge.repository("acme/other", {"matinee.yaml": failing}).open_pull()
    bot.settle()
    bot.asked(pull, Want.DELETE)
    bot.until_tried(pull, 1)
    wish = replace(bot.status(pull).lane.wish, force=True)
    bot.world.inbox.wish(wish)
    bot.until(pull, State.DELETED)
    assert bot.steps(pull)["run seed on delete"].state is StepState.FAILED
    assert list(bot.world.runner.homes()) == []
