"""What a deploy that fails leaves standing, and how it says so."""

import pytest

from bot.core.report import State, StepState
from tests.stories.test_every_state import running

pytestmark = pytest.mark.slow

SPEC = """\
version: 1
services:
  db: {image: busybox, restarts: 0, entrypoint: [sh, -c], args: ["DB"], volumes: VOLUMES}
  web: {image: busybox, restarts: 0, entrypoint: [sh, -c], args: ["WEB"], needs: [db]}
  aside: {image: busybox, entrypoint: [sh, -c], args: ["sleep 600"]}
"""


def spec(*, db: str = "sleep 600", web: str = "sleep 600", volumes: str = "{}") -> str:
    return SPEC.replace("DB", db).replace("WEB", web).replace("VOLUMES", volumes)


def test_what_needs_a_failed_node_is_skipped_and_says_why_and_what_does_not_goes_on(one):
    one.push(spec(db="exit 3"))
    one.settle()
    assert one.report.state is State.FAILED
    assert one.steps()["start web"].state is StepState.SKIPPED
    assert one.steps()["start web"].why == "start db did not succeed"
    assert one.steps()["start aside"].state is StepState.SUCCEEDED


def test_what_served_before_keeps_serving_and_nothing_is_rolled_back(one):
    one.push(spec())
    one.settle()
    good = one.report.sha
    one.push(spec(db="sleep 601", web="exit 3"))
    one.settle()
    assert one.report.state is State.FAILED
    assert one.report.serving == good
    assert running(one) == {"db", "web", "aside"}
    assert one.steps()["start db"].why == "restarted for args"


def test_a_service_with_volumes_cannot_keep_serving_and_says_so(one):
    volumes = "{/data: 1Mi}"
    one.push(spec(volumes=volumes))
    one.settle()
    one.push(spec(volumes=volumes, db="exit 3"))
    one.settle()
    said = (
        "exit code 3; its last lines say why; what served before is down too, for a service with volumes is recreated"
    )
    assert one.steps()["start db"].why == said
    assert "db" not in running(one)


def test_a_service_that_a_push_removed_goes_after_the_new_rollout_is_up_and_not_before(one):
    one.push(spec())
    one.settle()
    fewer = spec(web="exit 3").replace("  aside", "  other")
    one.push(fewer)
    one.settle()
    assert one.steps()["discard aside"].state is StepState.SKIPPED
    assert "aside" in running(one)
    one.push(fewer.replace("exit 3", "sleep 602"))
    one.settle()
    assert one.steps()["discard aside"].state is StepState.SUCCEEDED
    assert "aside" not in running(one)
