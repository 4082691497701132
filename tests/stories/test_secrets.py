"""What becomes of the operator's secrets, and of those that are made here."""

from datetime import UTC, datetime

import pytest

from bot.core.events import Want
from bot.core.group import Home
from bot.core.report import State
from tests.stories.conftest import BOTH
from tests.stories.test_jobs import spec

pytestmark = pytest.mark.slow

SPEC = spec(web="    variables: {HOOK: '${secrets.HOOK}', PASSWORD: '${secrets.DB_PASSWORD}'}").replace(
    "version: 1\n", "version: 1\nsecrets: {DB_PASSWORD: generate}\n"
)
LOUD = SPEC.replace("echo ran", "echo the hook is $HOOK").replace(
    "  seed:\n", "  seed:\n    variables: {HOOK: '${secrets.HOOK}'}\n"
)


@pytest.fixture
def repository(forge):
    return forge.repository("acme/shop", {"matinee.yaml": SPEC})


@pytest.fixture
def given(bot, forge, repository):
    def give(name: str, value: str, *, fork: bool = False) -> None:
        owner = f"{forge.name}:{repository.id}"
        bot.world.vault.set(owner, name, value, fork=fork, now=datetime.now(UTC))

    return give


def serving(bot, pull, service: str = "web") -> dict[str, str]:
    stands = bot.world.runner.recall(Home(environment=pull.key.environment, generation=0))
    return dict(stands.nodes[service].service.variables)


@BOTH
def test_a_deploy_that_names_a_secret_nobody_gave_is_refused_and_lists_it_with_the_command(repository, forge, bot):
    pull = repository.open_pull()
    bot.settle()
    report = bot.report(pull)
    assert report.state is State.REFUSED
    assert f"matinee secrets set {forge.name}:{repository.id} HOOK" in report.why
    assert "DB_PASSWORD" not in report.why


def test_services_get_the_secrets_that_they_name(repository, bot, given):
    given("HOOK", "s3cr3t-hook")
    given("OTHER", "s3cr3t-other")
    pull = repository.open_pull()
    bot.settle()
    variables = serving(bot, pull)
    assert variables["HOOK"] == "s3cr3t-hook"
    assert "s3cr3t-other" not in variables.values()


def test_a_generated_secret_is_32_characters_kept_through_pushes_and_gone_with_the_environment(repository, bot, given):
    given("HOOK", "s3cr3t-hook")
    pull = repository.open_pull()
    bot.settle()
    made = serving(bot, pull)["PASSWORD"]
    assert len(made) == 32
    pull.push({"news": "1"})
    bot.settle()
    assert serving(bot, pull)["PASSWORD"] == made
    bot.asked(pull, Want.DELETE)
    bot.settle()
    bot.asked(pull, Want.DEPLOY)
    bot.settle()
    assert serving(bot, pull)["PASSWORD"] != made


def test_a_secret_that_is_set_anew_reaches_the_next_deploy(repository, bot, given):
    given("HOOK", "s3cr3t-hook")
    pull = repository.open_pull()
    bot.settle()
    given("HOOK", "an0ther-hook")
    pull.push({"news": "1"})
    bot.settle()
    assert serving(bot, pull)["HOOK"] == "an0ther-hook"
    assert bot.steps(pull)["start web"].why == "restarted for variable HOOK"


@BOTH
def test_no_value_is_in_any_log_comment_or_file_of_ours(repository, bot, given, tmp_path):
    given("HOOK", "s3cr3t-hook")
    pull = repository.open_pull(files={"matinee.yaml": LOUD})
    bot.settle()
    generation = bot.status(pull).lane.generation
    lines = [line for _, line in bot.world.inbox.logs.lines(pull.key.environment, generation, "run seed on deploy", 1)]
    assert lines == ["the hook is •••"]
    made = serving(bot, pull)["PASSWORD"]
    for file in (each for each in tmp_path.rglob("*") if each.is_file()):
        assert b"s3cr3t-hook" not in file.read_bytes(), file
        assert made.encode() not in file.read_bytes(), file
    assert "s3cr3t-hook" not in pull.comment.body
