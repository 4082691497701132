"""Builds of another ref or another repository: which commit, and to whom our token is never shown."""

import pytest

from bot.core.report import State, StepState
from tests.stories.conftest import BOTH

pytestmark = [pytest.mark.slow, BOTH]


def spec(build: str) -> str:
    return f"version: 1\nservices:\n  web: {{build: {{{build}}}, port: 80}}\n"


def test_a_build_at_another_ref_of_the_same_repository(forge, bot):
    pull = forge.repository("acme/shop", {"matinee.yaml": spec("ref: main"), "Dockerfile": "FROM busybox\n"}).open_pull(
        files={"Dockerfile": "FROM busybox\nRUN exit 3\n"}
    )
    bot.settle()
    assert bot.report(pull).state is State.RUNNING


def test_a_ref_that_there_is_not_is_named(forge, bot):
    pull = forge.repository(
        "acme/shop", {"matinee.yaml": spec("ref: nowhere"), "Dockerfile": "FROM busybox\n"}
    ).open_pull()
    bot.settle()
    step = bot.steps(pull)["build web"]
    assert step.state is StepState.FAILED
    assert "no branch, tag or commit nowhere" in step.why


def test_another_repository_is_fetched_from_no_host_that_the_operator_did_not_allow(forge, bot):
    text = spec("repository: 'https://elsewhere.invalid/acme/web.git'")
    pull = forge.repository("acme/shop", {"matinee.yaml": text}).open_pull()
    bot.settle()
    assert "elsewhere.invalid is no host to build from" in bot.steps(pull)["build web"].why
    assert "MATINEE_BUILD_HOSTS" in bot.steps(pull)["build web"].why
