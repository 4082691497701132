"""However a pull's life went: once it is closed it ends deleted, or stands to be seen as one that could not be."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.events import Want
from bot.core.model import Service, Spec
from bot.core.report import State
from tests.core.specs import specs
from tests.world.lives import Life, reborn

pytestmark = pytest.mark.slow

ACTS = st.lists(st.sampled_from(["push", "stop", "start", "drop"]), max_size=3)


def written(spec: Spec, failing: frozenset[str]) -> str:
    """The spec as a file, in which what is named fails: services by name, jobs by name and event."""
    nodes: dict[str, dict[str, Any]] = {"services": {}, "jobs": {}}
    for name, node in spec.nodes.items():
        made: dict[str, Any] = {"image": "busybox", "needs": list(node.needs)}
        if isinstance(node, Service):
            command = _script("exit 1") | {"restarts": 0} if name in failing else {}
            nodes["services"][name] = {**made, **command, "after_jobs": node.after_jobs}
        else:
            on = {event.value: _script(f"exit {int(f'{name} {event}' in failing)}") for event in node.on}
            nodes["jobs"][name] = {**made, "on": on}
    return json.dumps({"version": 1, **nodes})


def _script(script: str) -> dict[str, Any]:
    return {"entrypoint": ["sh", "-c"], "args": [script]}


@st.composite
def commits(draw: st.DrawFn) -> str:
    spec = draw(specs())
    able = [*spec.services, *(f"{name} {event}" for name, job in spec.jobs.items() for event in job.on)]
    failing = draw(st.sets(st.sampled_from(able), max_size=2)) if able else set()
    return written(spec, frozenset(failing))


def lived(one: Life, data: st.DataObject) -> None:
    """A life of a few acts, any of which the bot may not survive."""
    one.push(data.draw(commits()))
    for act in data.draw(ACTS):
        one.fuse.left = data.draw(st.none() | st.integers(0, 30))
        one.settle(turns=data.draw(st.integers(0, 4)))
        match act:
            case "push":
                one.push(data.draw(commits()))
            case "stop":
                one.wish(Want.STOP, person=True)
            case "start":
                one.wish(Want.DEPLOY, person=True)
            case "drop":
                one.wish(Want.DELETE, person=True)
    one.fuse.left = data.draw(st.none() | st.integers(0, 30))
    one.settle(turns=data.draw(st.integers(0, 4)))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_closed_pull_always_ends_deleted_or_visibly_delete_failed(opened, data):
    one = reborn(opened)
    lived(one, data)
    one.close()
    one.fuse.left = data.draw(st.none() | st.integers(0, 30))
    one.settle()
    match one.status.report and one.report.state:
        case None | State.DELETED:  # None: it was closed before anybody was told of it
            assert not one.exists
            assert not one.status.lane.due
            assert one.status.lane.state == State.DELETED
        case State.DELETE_FAILED:
            failed = [step for step in one.report.steps if step.state == "failed"]
            assert failed
            assert all(step.name.endswith(" on delete") and step.why for step in failed)
            assert one.stands is not None
            assert one.status.lane.due
        case other:
            raise AssertionError(f"it ended {other}: {one.report}")
    one.wish(Want.DELETE, person=True, force=True)
    one.settle()
    assert one.report.state is State.DELETED
    assert not one.exists
