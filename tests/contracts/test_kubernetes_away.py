"""The cluster's API goes away in the middle of a service's start: what was begun is not lost, and not begun twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot import plugins
from bot.core.errors import Unavailable
from bot.core.group import Group, Probe, ProbeKind, Up
from bot.core.model import Hook
from tests.contracts.kubernetes_fixtures import until
from tests.contracts.runner_fixtures import Place, placed, settings_for
from tests.world.frail_way import Way, frail_way

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

SLOW = "echo began; sleep 4; echo ready; exec httpd -f -p 8080"


@pytest.fixture
def near(tmp_path: Path) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path / "state"))


@pytest.fixture
def way(tmp_path: Path) -> Iterator[tuple[Way, str]]:
    with frail_way(settings_for("kubernetes")["kubeconfig"], tmp_path) as found:
        yield found


@pytest.fixture
def far(near: Place, way: tuple[Way, str], tmp_path: Path) -> Place:
    """The same place, over the way that can be cut."""
    settings = {"state": str(tmp_path / "far"), **settings_for("kubernetes"), "kubeconfig": way[1]}
    return replace(near, runner=plugins.create("runners", "kubernetes", settings), lines=[])


def slow(place: Place) -> Group:
    told = place.task("hello", "echo once", Hook.POSTSTART)
    return place.service(
        SLOW, name="web", health=Probe(kind=ProbeKind.TCP, port=8080, every=0.2), max_duration=60, tasks=(told,)
    )


def test_a_start_goes_on_over_a_way_that_is_cut_again_and_again(far: Place, way: tuple[Way, str]) -> None:
    with ThreadPoolExecutor(1) as hands:
        start = hands.submit(far.start, slow(far))
        until(lambda: "began" in far.lines or start.done(), "the service to begin")
        for _ in range(3):
            before = way[0].calls
            way[0].cut()
            until(lambda before=before: way[0].calls > before or start.done(), "the bot to call again")
        assert start.result(60) == Up(changed=True)
    assert sorted(far.lines) == ["began", "hello | once", "ready"]


def test_a_start_whose_cluster_goes_away_is_put_off_and_the_next_takes_it_up(
    near: Place, far: Place, way: tuple[Way, str]
) -> None:
    near.runner.remember(near.home, near.standing())
    with ThreadPoolExecutor(1) as hands:
        start = hands.submit(far.start, slow(far), cancel=threading.Event())
        until(lambda: "began" in far.lines or start.done(), "the service to begin")
        way[0].close()
        with pytest.raises(Unavailable, match="does not answer"):
            start.result(90)
    assert near.start(slow(near)) == Up(changed=True)
    assert sorted(near.lines) == ["began", "hello | once", "ready"]
    assert near.start(slow(near)) == Up(changed=False)
