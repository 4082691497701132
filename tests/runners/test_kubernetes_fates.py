"""How what a cluster shows of pods and containers becomes an end in our words."""

from dataclasses import replace
from typing import Any

import pytest

from bot.core.group import Container, Ended, Fate, Group, Probe, ProbeKind, Task
from bot.core.model import Hook
from bot.core.names import Name
from runners._ends import dumped, loaded
from runners._kubernetes import sentence
from runners._kubernetes.attempt import gates, joins, unfit
from runners._kubernetes.fate import Clock, doubtful, fate, lost, spent, stuck
from runners._kubernetes.hold import Hold
from runners._kubernetes.passing import unplaced
from runners._kubernetes.seen import Pod, Vessel, pod
from runners._kubernetes.terms import Terms
from tests.runners.kubernetes_manifests import HOME

DIED = {"exitCode": 137, "startedAt": "2026-01-02T03:04:05Z", "finishedAt": "2026-01-02T03:04:10Z"}
SIDECAR = Task(name=Name("side"), image="i", hook=Hook.PRESTART, sidecar=True)
TASK = Task(name=Name("init"), image="i", hook=Hook.PRESTART)
PROBE = Probe(kind=ProbeKind.TCP, port=1)


def shown(**state: object) -> Vessel:
    """A container in this state, as a cluster shows it."""
    status = {"initContainerStatuses": [{"name": "main", **state}]}
    return pod({"metadata": {"name": "p", "uid": "u"}, "status": status}).vessel("main")


def waiting(reason: str, message: str = "") -> Vessel:
    return shown(state={"waiting": {"reason": reason, "message": message}})


def ended(**how: object) -> Vessel:
    return shown(state={"terminated": {**DIED, **how}})


@pytest.mark.parametrize(
    ("vessel", "expected"),
    [
        pytest.param(shown(state={"running": {"startedAt": DIED["startedAt"]}}), None, id="runs"),
        pytest.param(waiting("PodInitializing"), None, id="waits for its turn"),
        pytest.param(waiting("ContainerCreating"), None, id="is being made"),
        pytest.param(ended(exitCode=0), Ended(fate=Fate.EXITED, code=0), id="well"),
        pytest.param(ended(exitCode=3, reason="Error"), Ended(fate=Fate.EXITED, code=3), id="badly"),
        pytest.param(ended(reason="OOMKilled"), Ended(fate=Fate.OUT_OF_MEMORY, code=137), id="out of memory"),
        pytest.param(
            ended(exitCode=0, reason="OOMKilled"), Ended(fate=Fate.OUT_OF_MEMORY, code=0), id="its child out of memory"
        ),
        pytest.param(
            ended(exitCode=128, reason="StartError", message="exec: no such file"),
            Ended(fate=Fate.NOT_STARTED, detail="exec: no such file"),
            id="no program",
        ),
        pytest.param(
            waiting("ErrImagePull", "a/b:1: not found"),
            Ended(fate=Fate.NOT_STARTED, detail="no such image: a/b:1: not found"),
            id="no image",
        ),
        pytest.param(
            waiting("ImagePullBackOff", "dial tcp: no such host"),
            Ended(fate=Fate.NOT_STARTED, detail="dial tcp: no such host"),
            id="no registry",
        ),
        pytest.param(waiting("ErrImagePull", "dial tcp: i/o timeout"), None, id="a slow registry"),
        pytest.param(
            waiting("CreateContainerConfigError", "image will run as root"),
            Ended(fate=Fate.NOT_STARTED, detail="image will run as root"),
            id="not allowed",
        ),
        pytest.param(
            shown(state={"waiting": {"reason": "CrashLoopBackOff"}}, lastState={"terminated": {**DIED, "exitCode": 1}}),
            None,
            id="is started again",
        ),
        pytest.param(
            shown(
                state={"waiting": {"reason": "CrashLoopBackOff"}},
                lastState={"terminated": {**DIED, "reason": "StartError", "message": "no such file"}},
            ),
            Ended(fate=Fate.NOT_STARTED, detail="no such file"),
            id="cannot be started again",
        ),
        pytest.param(
            ended(reason="ContainerStatusUnknown", message="the node is gone"),
            Ended(fate=Fate.EXITED, detail="the node is gone"),
            id="nobody knows",
        ),
    ],
)
def test_a_container_ended(vessel: Vessel, expected: Ended | None) -> None:
    assert fate(vessel) == expected


@pytest.mark.parametrize(("limit", "expected"), [(5, Fate.TIMED_OUT), (6, Fate.EXITED)])
def test_a_kill_after_its_time_is_a_time_out_for_whoever_comes_later(limit: int, expected: Fate) -> None:
    found = fate(ended(), limit=limit)
    assert found is not None
    assert (found.fate, found.code) == (expected, 137)


def test_a_pod_that_the_cluster_ended_says_why() -> None:
    evicted = Pod(name="p", uid="u", phase="Failed", reason="Evicted", said="the disk was full")
    assert lost(evicted) == Ended(fate=Fate.EXITED, detail="the disk was full")
    assert lost(Pod(name="p", uid="u", phase="Failed", reason="DeadlineExceeded")) is None
    assert lost(Pod(name="p", uid="u", phase="Running")) is None


def test_what_may_begin_yet_is_told_by_its_last_try_when_nobody_waits_any_longer() -> None:
    vessels = {"main": waiting("ErrImagePull", "dial tcp: i/o timeout")}
    assert stuck(Pod(name="p", uid="u", phase="Pending", vessels=vessels)) == Ended(
        fate=Fate.NOT_STARTED, detail="dial tcp: i/o timeout"
    )
    assert stuck(Pod(name="p", uid="u", phase="Pending", vessels={"main": waiting("PodInitializing")})) is None
    assert spent(Pod(name="p", uid="u", phase="Pending")) is None
    assert spent(Pod(name="p", uid="u", phase="Failed", said="over its time")) == Ended(
        fate=Fate.NOT_STARTED, detail="over its time"
    )


def test_a_pod_that_no_node_takes_is_given_up_with_what_the_scheduler_says() -> None:
    conditions = {"PodScheduled": (False, "0/1 nodes are available: 1 Insufficient cpu.")}
    waits = Pod(name="p", uid="u", phase="Pending", conditions=conditions)
    nobody: Any = None
    hold = Hold(api=nobody, terms=Terms(pending=30), home=HOME, namespace="n", anchor="a")
    assert unplaced(hold, waits, waited=30) is None
    assert unplaced(hold, waits, waited=31) == Ended(
        fate=Fate.NOT_STARTED, detail="0/1 nodes are available: 1 Insufficient cpu."
    )


def test_a_kill_is_in_doubt_until_the_pod_is_over() -> None:
    killed = Ended(fate=Fate.EXITED, code=137)
    assert doubtful(killed, Pod(name="p", uid="u", phase="Pending"))
    assert not doubtful(killed, Pod(name="p", uid="u", phase="Failed"))
    assert not doubtful(Ended(fate=Fate.EXITED, code=3), Pod(name="p", uid="u", phase="Pending"))


def test_what_began_long_ago_is_timed_from_its_beginning_and_what_began_now_from_here() -> None:
    clock, old = Clock(), shown(state={"running": {"startedAt": "2026-01-02T03:04:05Z"}})
    assert clock.lasted("main", old, 100.0) > 1000
    assert clock.lasted("main", Vessel(), 100.0) == 0


def test_as_what_a_pod_was_ended_is_read_from_the_pod_itself() -> None:
    told = Ended(fate=Fate.TIMED_OUT, task="init", lost=(Ended(fate=Fate.EXITED, task="a", code=3),))
    found = pod({"metadata": {"name": "p", "uid": "u", "annotations": sentence.written(told)}})
    assert sentence.pronounced(found) == told
    assert sentence.pronounced(pod({"metadata": {"name": "p", "uid": "u"}})) is None
    assert loaded(dumped(told)) == told


@pytest.mark.parametrize(
    ("changes", "joining", "behind"),
    [
        pytest.param({}, False, 0, id="a prestart that is tried once"),
        pytest.param({"restarts": 2}, True, 3, id="a prestart that is tried again"),
        pytest.param({"required": False}, True, 1, id="a prestart that may fail"),
        pytest.param({"hook": Hook.POSTSTART}, True, 0, id="a poststart"),
        pytest.param({"sidecar": True, "health": PROBE}, False, 0, id="a sidecar"),
        pytest.param({"sidecar": True, "health": PROBE, "required": False}, False, 1, id="a sidecar that may be ill"),
        pytest.param({"sidecar": True, "required": False}, False, 0, id="a sidecar that nobody asks"),
    ],
)
def test_a_task_joins_the_pod_or_is_part_of_it(changes: dict[str, object], joining: bool, behind: int) -> None:
    task = Task(**{"name": Name("init"), "image": "i", "hook": Hook.PRESTART, **changes})  # type: ignore[arg-type] # a table
    assert joins(task) is joining
    assert len(gates(task)) == behind


def _group(*tasks: Task, **other: object) -> Group:
    return Group(name=Name("seed"), image="i", version="v", event="deploy", tasks=tasks, **other)  # type: ignore[arg-type] # likewise


@pytest.mark.parametrize(
    ("group", "version", "why"),
    [
        pytest.param(_group(SIDECAR), 28, "Kubernetes 1.29 or later", id="sidecar"),
        pytest.param(_group(port=80), 28, "the port of a job needs", id="port"),
        pytest.param(_group(user="app"), 36, "'app' is a name", id="user"),
        pytest.param(
            _group(Task(name=Name("t"), image="i", hook=Hook.POSTSTART, files={"/a": "b"})), 36, "/alloc", id="files"
        ),
        pytest.param(replace(_group(), image="sha256:1"), 36, "no such image", id="an image by its id"),
    ],
)
def test_what_a_cluster_cannot_run_is_refused_before_it_is_asked(group: Container, version: int, why: str) -> None:
    assert isinstance(group, Group)
    refused = unfit(group, version=version)
    assert refused is not None
    assert refused.fate is Fate.NOT_STARTED
    assert why in refused.detail


def test_an_old_cluster_runs_what_needs_nothing_new() -> None:
    assert unfit(_group(TASK), version=28) is None
