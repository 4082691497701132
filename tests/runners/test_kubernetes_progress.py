from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.core.group import Address, Ended, Fate, Group, Probe, ProbeKind, Task
from bot.core.model import Hook
from bot.core.names import Name, Url
from runners._kubernetes.deployment import Cast, made, unfit, without_lost
from runners._kubernetes.entrance import outside
from runners._kubernetes.pod import passing
from runners._kubernetes.progress import Again, Failure, Sight, failure, following, run, up
from runners._kubernetes.seen import pod
from runners._kubernetes.terms import Terms
from tests.runners.kubernetes_manifests import HOME, SHOP

PROBE = Probe(kind=ProbeKind.TCP, port=80)
INIT = Task(name=Name("init"), image="i", hook=Hook.PRESTART, restarts=1, max_duration=10)
SIDE = Task(name=Name("side"), image="i", hook=Hook.PRESTART, sidecar=True, health=PROBE, max_duration=30)
BESIDE = Task(name=Name("beside"), image="i", hook=Hook.POSTSTART, sidecar=True)
MORE = Task(name=Name("more"), image="i")
WEB = Group(name=Name("web"), image="i", version="v", health=PROBE, max_duration=60, restarts=1)

RUNS: Any = {"state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}, "started": True}
READY: Any = {**RUNS, "ready": True}
DONE: Any = {"state": {"terminated": {"exitCode": 0}}}


def ended(code: int, reason: str = "Error", **other: Any) -> Any:
    return {"state": {"terminated": {"exitCode": code, "reason": reason, "message": "why"}}, **other}


def waits(reason: str, message: str = "", **other: Any) -> Any:
    return {"state": {"waiting": {"reason": reason, "message": message}}, **other}


def backs_off(code: int, restarts: int) -> Any:
    return waits("CrashLoopBackOff", lastState={"terminated": {"exitCode": code}}, restartCount=restarts)


def sight(group: Group, containers: Mapping[str, Any], status: Mapping[str, Any] | None = None, **other: Any) -> Sight:
    statuses = [{"name": name, **shown} for name, shown in containers.items()]
    body = {"metadata": {"name": "p", "uid": "u"}, "status": {"containerStatuses": statuses, **(status or {})}}
    return Sight(**{"group": group, "pod": pod(body), "lasts": {}, "pending": 120, "waits": {}, **other})


def of(*tasks: Task, **other: Any) -> Group:
    return replace(WEB, tasks=tasks, **other)


@pytest.mark.parametrize(
    ("seen", "one", "how"),
    [
        (sight(of(), {"main": ended(7)}), None, None),
        (sight(of(), {"main": ended(7, restartCount=1)}), "web", Ended(fate=Fate.EXITED, code=7)),
        (sight(of(), {"main": backs_off(7, 1)}), "web", Ended(fate=Fate.EXITED, code=7)),
        (sight(of(), {"main": ended(0, restartCount=1)}), "web", Ended(fate=Fate.EXITED, code=0)),
        (sight(of(), {"main": ended(7, restartCount=5)}, pardoned={"main": 5}), None, None),
        (
            sight(of(restarts=0), {"main": ended(137, "OOMKilled")}),
            "web",
            Ended(fate=Fate.OUT_OF_MEMORY, code=137),
        ),
        (sight(of(MORE), {"task-more": ended(3)}), "more", Ended(fate=Fate.EXITED, task="more", code=3)),
        (sight(of(INIT), {"task-init": ended(3)}), None, None),
        (sight(of(INIT), {"task-init": backs_off(3, 1)}), "init", Ended(fate=Fate.EXITED, task="init", code=3)),
        (
            sight(of(INIT), {"task-init": ended(3)}, spent={"task-init": 1}),
            "init",
            Ended(fate=Fate.EXITED, task="init", code=3),
        ),
        (sight(of(INIT), {"task-init": RUNS}, lasts={"task-init": 9.0}), None, None),
        (
            sight(of(INIT), {"task-init": RUNS}, lasts={"task-init": 11.0}, spent={"task-init": 1}),
            "init",
            Ended(fate=Fate.TIMED_OUT, task="init", code=137),
        ),
        (
            sight(of(INIT), {"task-init": ended(0, "OOMKilled")}),
            "init",
            Ended(fate=Fate.OUT_OF_MEMORY, task="init", code=0),
        ),
        (
            sight(of(BESIDE), {"task-beside": waits("ErrImagePull", "manifest unknown")}),
            "beside",
            Ended(fate=Fate.NOT_STARTED, task="beside", detail="no such image: manifest unknown"),
        ),
        (sight(of(SIDE), {"task-side": {**RUNS, "started": False}}, waits={"task-side": 29.0}), None, None),
        (
            sight(of(SIDE), {"task-side": {**RUNS, "started": False}}, waits={"task-side": 31.0}),
            "side",
            Ended(fate=Fate.UNHEALTHY, task="side"),
        ),
        (sight(of(), {"main": RUNS}, waits={"main": 61.0}), "web", Ended(fate=Fate.UNHEALTHY)),
        (
            sight(of(), {"main": backs_off(7, 0)}, waits={"main": 61.0}),
            "web",
            Ended(fate=Fate.UNHEALTHY, detail="it ended with code 7 and is being started again"),
        ),
        (sight(of(), {"main": waits("ContainerCreating")}, waits={"main": 61.0}), None, None),
        (
            sight(of(), {"main": waits("ContainerCreating")}, waits={"main": 121.0}),
            "web",
            Ended(fate=Fate.NOT_STARTED, detail="ContainerCreating"),
        ),
        (
            sight(
                of(),
                {},
                {"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/3 nodes"}]},
                waits={"main": 61.0},
            ),
            "web",
            Ended(fate=Fate.NOT_STARTED, detail="0/3 nodes"),
        ),
        (
            sight(of(BESIDE), {"main": READY, "task-beside": backs_off(2, 4)}, waits={"main": 61.0}),
            "beside",
            Ended(fate=Fate.UNHEALTHY, task="beside", detail="it ended with code 2 and is being started again"),
        ),
        (
            sight(of(), {}, {"phase": "Failed", "reason": "Evicted", "message": "The node was low on memory."}),
            "web",
            Ended(fate=Fate.EXITED, detail="The node was low on memory."),
        ),
    ],
    ids=[
        "a main with a restart left",
        "one without",
        "and while it waits to run again",
        "a main is not to end well either",
        "what came after it was up",
        "out of memory",
        "another main",
        "an init task with a try left",
        "one without",
        "whose try was in another pod",
        "an init task in its time",
        "over its time",
        "a child out of memory",
        "a sidecar without an image",
        "a sidecar not healthy yet",
        "nor ever",
        "a main that never answers",
        "or is never there",
        "a pod that takes its time",
        "or never begins",
        "no node",
        "a sidecar that keeps the pod from being reached",
        "evicted",
    ],
)
def test_a_pod_fails_by(seen: Sight, one: str | None, how: Ended | None) -> None:
    found = failure(seen)
    if one is None:
        assert found is None
    else:
        assert isinstance(found, Failure)
        assert (found.one.name, found.ended) == (one, how)


def test_an_init_task_over_its_time_with_a_try_left_has_it_in_another_pod() -> None:
    assert failure(sight(of(INIT), {"task-init": RUNS}, lasts={"task-init": 11.0})) == Again(one=INIT)


def test_what_comes_before_the_mains_is_awaited_one_after_the_other() -> None:
    group = of(INIT, SIDE, MORE)
    steps = [{}, {"task-side": RUNS}, {"task-side": RUNS, "task-init": DONE}]
    awaited = [[one.name for one in following(group, sight(group, seen).pod)] for seen in steps]
    assert awaited == [["side"], ["init"], ["web", "more"]]


@pytest.mark.parametrize(
    ("containers", "runs", "is_up"),
    [
        ({"main": RUNS}, False, False),
        ({"main": RUNS, "task-more": RUNS}, True, False),
        ({"main": READY, "task-more": RUNS}, True, True),
        ({"main": READY, "task-more": ended(1)}, False, False),
    ],
    ids=["one runs", "all run", "and answer", "one has ended"],
)
def test_a_pod_is_up_when_all_its_mains_are(containers: dict[str, Any], runs: bool, is_up: bool) -> None:
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    seen = sight(of(MORE), containers, status, lasts={"task-more": 3.5})
    assert (run(seen), up(seen)) == (runs, is_up)


def test_a_main_without_a_health_is_up_when_it_has_lasted() -> None:
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    lasted = [up(sight(of(health=None), {"main": RUNS}, status, lasts={"main": seconds})) for seconds in (2.5, 3.5)]
    assert lasted == [False, True]


def test_a_pod_that_the_cluster_lets_nobody_reach_is_not_up() -> None:
    assert not up(sight(of(), {"main": READY}))


def test_a_deployment_tells_which_tasks_it_goes_on_without() -> None:
    cast = Cast(home=HOME, group=SHOP, terms=Terms(), name="shop", replicas=1, alloc=passing("alloc"))
    fewer = replace(SHOP, tasks=tuple(task for task in SHOP.tasks if task.name not in ("wait-for-db", "ships")))
    assert without_lost(SHOP, made(cast).deployment) == SHOP
    assert without_lost(SHOP, made(replace(cast, group=fewer)).deployment) == fewer


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (None, ""),
        (Address(host="web", port=None, url=Url("")), ""),
        (Address(host="web", port=80, url=Url("http://web:80")), ""),
        (Address(host="web", port=80, url=Url("https://web-7.preview.example.com")), "web-7.preview.example.com"),
    ],
    ids=["no address", "no port", "inside", "from the world"],
)
def test_the_world_reaches_a_service_by_its_url(address: Address | None, host: str) -> None:
    assert outside(address) == host


@pytest.mark.parametrize(
    ("group", "version", "why"),
    [
        (of(SIDE), 28, "the sidecar side needs Kubernetes 1.29"),
        (of(replace(INIT, hook=Hook.POSTSTART, files={"/a": "b"})), 36, "put them into /alloc"),
    ],
    ids=["sidecar", "files"],
)
def test_what_a_cluster_cannot_give_a_service_is_refused(group: Group, version: int, why: str) -> None:
    refused = unfit(group, version=version)
    assert refused is not None
    assert why in refused.detail
    assert unfit(of(BESIDE, INIT), version=28) is None
