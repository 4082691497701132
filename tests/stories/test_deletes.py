"""How a delete goes that does not go at once, and what it leaves alone until then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.app import turn
from bot.core.events import Want
from bot.core.report import State, StepState
from runners.base import Runner
from tests.stories.test_every_state import running, shop
from tests.world.lives import Life

pytestmark = pytest.mark.slow


def lines(one: Life, step: str, *, attempt: int = 1) -> list[str]:
    generation = one.status.lane.generation
    return [line for _, line in one.world.inbox.logs.lines(one.key.environment, generation, step, attempt)]


def waiting(one: Life) -> timedelta:
    """How long the bot waits before its next try, as it was told: it is hours later here by then."""
    return timedelta(seconds=float(one.report.why.rpartition(" in ")[2].removesuffix(" s")))


class Asleep:
    """A runner that sleeps before it remembers for the first time, while others act."""

    def __init__(self, runner: Runner, meanwhile: Callable[[], None]) -> None:
        self._runner, self._meanwhile = runner, [meanwhile]

    def __getattr__(self, name: str) -> Any:
        while name == "remember" and self._meanwhile:
            self._meanwhile.pop()()
        return getattr(self._runner, name)


def test_a_deploy_that_wakes_up_when_its_environment_was_deleted_meanwhile_makes_none_anew(one):
    def deleted() -> None:
        one.close()
        one.turn()

    one.push(shop())
    late = one.world.inbox.claim("late", lease=1, environment=one.key.environment)
    turn(late, replace(one.world, runner=Asleep(one.world.runner, deleted)))
    assert one.status.lane.state == State.DELETED
    assert not one.exists


def test_a_failed_delete_job_is_tried_three_times_with_back_off_before_the_environment_stands_as_delete_failed(one):
    one.push(shop(delete="exit 5"))
    one.settle()
    one.close()
    states, pauses = [], []
    for _ in range(2):
        one.turn()
        states.append(one.report.state)
        pauses.append(waiting(one))
    one.turn()
    assert [*states, one.report.state] == [State.DELETING, State.DELETING, State.DELETE_FAILED]
    assert pauses == [timedelta(seconds=5), timedelta(seconds=10)]
    assert one.steps()["run seed on delete"].attempts == 3


def test_what_is_delete_failed_is_kept_with_its_outputs_and_goes_on_being_tried(one):
    written = shop(deploy='echo "{\\"URL\\": {\\"value\\": \\"u\\"}}" > $MATINEE_OUTPUT_FILE', delete="exit 5")
    one.push(written)
    one.settle()
    assert one.stands is not None
    one.close()
    one.settle(turns=6)
    assert one.report.state is State.DELETE_FAILED
    assert one.steps()["run seed on delete"].attempts == 6
    assert [variable.name for variable in one.stands.outputs["seed"]] == ["URL"]
    assert running(one) == {"db"}
    assert one.status.lane.due


def test_a_forced_delete_goes_on_without_the_failed_job_and_its_report_lists_it(one):
    one.push(shop(delete="exit 5"))
    one.settle()
    one.wish(Want.DELETE, person=True)
    one.settle(turns=3)
    one.wish(Want.DELETE, person=True, force=True)
    one.settle()
    assert one.report.state is State.DELETED
    assert one.steps()["run seed on delete"].state is StepState.FAILED
    assert not one.exists


BARRIERS = """\
version: 1
services:
  db: {image: busybox, port: 80, entrypoint: [sh, -c], args: ["echo rows > /index.html; exec httpd -f -p 80 -h /"]}
  web:
    image: busybox
    needs: [db]
    port: 80
    entrypoint: [sh, -c]
    args: ["trap 'sleep 0.5; exit 0' TERM; httpd -p 80 -h /; sleep 600"]
jobs:
  backup:
    image: busybox
    needs: [db]
    on:
      delete: {entrypoint: [sh, -c], args: ["wget -q -O - http://web:80 || echo web is down; wget -q -O - http://db:80/"]}
"""


def test_a_delete_run_comes_when_the_application_is_down_and_while_its_database_is_up(one):
    one.push(BARRIERS)
    one.settle()
    assert one.report.state is State.RUNNING
    one.close()
    one.settle()
    assert lines(one, "run backup on delete")[-2:] == ["web is down", "rows"]


def test_a_delete_runs_no_stop_events(one):
    one.push(shop())
    one.settle()
    one.wish(Want.DELETE, person=True)
    one.settle()
    assert "run seed on stop" not in one.steps()


def test_a_removed_job_keeps_its_delete_event_until_then(one):
    one.push(shop(delete="echo dropped"))
    one.settle()
    one.push("version: 1\nservices: {db: {image: busybox}}\n")
    one.settle()
    assert one.report.state is State.RUNNING
    assert running(one) == {"db"}
    one.close()
    one.settle()
    assert lines(one, "run seed on delete") == ["dropped"]
    assert one.report.state is State.DELETED


def test_the_delete_run_is_pinned_before_the_first_attempt_of_its_job(one):
    one.push(shop(deploy="exit 1", delete="echo the first"))
    one.settle()
    assert one.report.state is State.FAILED
    one.close()
    one.settle()
    assert lines(one, "run seed on delete") == ["the first"]


def test_a_later_commit_changes_what_runs_at_delete_once_its_own_job_has_succeeded(one):
    one.push(shop(delete="echo the first"))
    one.settle()
    one.push(shop(deploy="true; true", delete="echo the second"))
    one.settle()
    one.close()
    one.settle()
    assert lines(one, "run seed on delete") == ["the second"]


@pytest.mark.parametrize("back", [False, True], ids=["a service that becomes a job", "a job that becomes a service"])
def test_a_name_that_stands_as_another_kind_of_node_is_refused_and_nothing_is_lost(one, back):
    job = "version: 1\njobs: {thing: {image: busybox, on: {deploy: {}, delete: {}}}}\n"
    service = "version: 1\nservices: {thing: {image: busybox}}\n"
    before, after = (job, service) if back else (service, job)
    one.push(before)
    one.settle()
    one.push(after)
    one.settle()
    assert one.report.state is State.REFUSED
    assert "give the" in one.report.why
    one.close()
    one.settle()
    assert ("run thing on delete" in one.steps()) is back
    assert not one.exists
