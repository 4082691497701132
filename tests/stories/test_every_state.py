"""Stop and delete come to a good end from every state that an environment can be in."""

from collections.abc import Callable

import pytest

from bot.core.events import Want
from bot.core.report import State, StepState
from tests.world.lives import Life

pytestmark = pytest.mark.slow

SHOP = """\
version: 1
services:
  db: {image: busybox}
  web: {image: busybox, needs: [db]}
jobs:
  seed:
    image: busybox
    needs: [db]
    on:
      deploy: {entrypoint: [sh, -c], args: ['DEPLOY']}
      stop: {entrypoint: [sh, -c], args: ['STOP']}
      delete: {entrypoint: [sh, -c], args: ['DELETE']}
"""


def shop(*, deploy: str = "true", stop: str = "true", delete: str = "true") -> str:
    return SHOP.replace("DEPLOY", deploy).replace("STOP", stop).replace("DELETE", delete)


def queued(one: Life) -> None:
    one.push(shop())


def half_made(one: Life) -> None:
    """The bot died when a service ran of which nothing was remembered yet."""
    one.push(shop())
    one.fuse.at = "after start"
    one.turn()
    assert "db" in running(one)
    assert one.stands is not None
    assert "db" not in one.stands.nodes


def running_well(one: Life) -> None:
    one.push(shop())
    one.settle()
    assert one.report.state is State.RUNNING


def failed(one: Life) -> None:
    one.push(shop(deploy="exit 1"))
    one.settle()
    assert one.report.state is State.FAILED


def stopped(one: Life) -> None:
    running_well(one)
    one.wish(Want.STOP, person=True)
    one.settle()
    assert one.report.state is State.STOPPED


def stopped_badly(one: Life) -> None:
    one.push(shop(stop="exit 1"))
    one.settle()
    one.wish(Want.STOP, person=True)
    one.settle()
    assert one.steps()["run seed on stop"].state is StepState.FAILED


def half_stopped(one: Life) -> None:
    running_well(one)
    one.wish(Want.STOP, person=True)
    one.fuse.at = "after stop"
    one.turn()
    assert running(one) == {"db"}


def refused(one: Life) -> None:
    one.push("version: 2\n")
    one.settle()
    assert one.report.state is State.REFUSED


def refused_while_it_runs(one: Life) -> None:
    running_well(one)
    refused(one)


def delete_failed(one: Life) -> None:
    one.push(shop(delete="exit 1"))
    one.settle()
    one.wish(Want.DELETE, person=True)
    one.settle(turns=3)
    assert one.report.state is State.DELETE_FAILED


def deleted(one: Life) -> None:
    running_well(one)
    one.wish(Want.DELETE, person=True)
    one.settle()
    assert one.report.state is State.DELETED


def never_deployed(one: Life) -> None:
    """Nothing is known of it at all."""


STATES: list[Callable[[Life], None]] = [
    *(queued, half_made, running_well, failed, stopped, stopped_badly, half_stopped),
    *(refused, refused_while_it_runs, delete_failed, deleted, never_deployed),
]
STOPPABLE = [come for come in STATES if come not in (delete_failed, deleted)]


def running(one: Life) -> set[str]:
    services = one.world.runner._services  # type: ignore[attr-defined]
    return {name for environment, name in services._serving if environment == one.key.environment}


@pytest.mark.parametrize("come", STATES, ids=lambda each: each.__name__)
def test_a_delete_from_every_state_leaves_nothing(one, come):
    come(one)
    one.wish(Want.DELETE, person=True, force=come is delete_failed)
    one.settle()
    assert one.report.state is State.DELETED
    assert not one.exists
    assert not one.status.lane.due


@pytest.mark.parametrize(
    "come", [come for come in STATES if come not in (delete_failed, deleted)], ids=lambda each: each.__name__
)
def test_a_stop_from_every_state_leaves_nothing_running_and_a_later_deploy_brings_it_up(one, come):
    come(one)
    one.wish(Want.STOP, person=True)
    one.settle()
    assert running(one) == set()
    assert one.report.state is State.STOPPED
    one.push(shop())
    one.settle()
    assert one.report.state is State.RUNNING


def test_what_is_being_deleted_or_is_deleted_is_not_stopped_and_says_so(one):
    delete_failed(one)
    assert "it is being deleted" in str(one.wish(Want.STOP, person=True))
    one.wish(Want.DELETE, person=True, force=True)
    one.settle()
    assert "there is nothing to stop" in str(one.wish(Want.STOP, person=True))
