"""An old bot wakes up late before each write of its work, when a newer one has done all of its own: nothing changes."""

import itertools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.core.errors import Overtaken
from bot.core.group import Group, Home, Up
from runners._kubernetes import names
from runners._kubernetes.api import selector
from runners._kubernetes.kinds import Kind, going, name_of, uid_of
from runners._kubernetes.names import Role
from runners.kubernetes import KubernetesRunner, over
from tests.contracts.kubernetes_fixtures import until
from tests.contracts.leaving import leaving
from tests.contracts.runner_fixtures import OUTPUT, Place, environment, settings_for
from tests.world import cluster
from tests.world.met_api import MetApi

pytestmark = [pytest.mark.engine, pytest.mark.cluster, pytest.mark.slow]

SIDE_BY_SIDE = 8
NEWEST = 3
"""The newer bot's generation; the old one's is 2, and 1 made what they found."""
KINDS = (Kind.CLAIM, Kind.CONFIG, Kind.DEPLOYMENT, Kind.INGRESS, Kind.JOB, Kind.SECRET, Kind.SERVICE)


@dataclass
class Halt:
    """Where a bot falls asleep: before its write of this number, until somebody wakes it."""

    at: int
    writes: list[str] = field(default_factory=list)
    asleep: threading.Event = field(default_factory=threading.Event)
    woken: threading.Event = field(default_factory=threading.Event)

    def meet(self, what: str) -> None:
        """Sleep, if this is the write."""
        if what.startswith("listen"):
            return
        self.writes.append(what)
        if len(self.writes) == self.at:
            self.asleep.set()
            assert self.woken.wait(100), f"nobody woke it before {what}"


def bot(state: Path, meet: Callable[[str], None]) -> KubernetesRunner:
    """One whose writes are met."""
    settings = {"state": str(state), **settings_for("kubernetes")}
    api = MetApi(meet, kubeconfig=settings["kubeconfig"], context="", folder=state / "cache")
    return over(api, settings)


def web(place: Place) -> Group:
    """The service as this generation has it."""
    number = place.home.generation
    return place.web(f"page of {number}", name="web", variables={"NUMBER": str(number)}, max_duration=60)


def deploy(place: Place) -> None:
    """Bring up what this generation brings up, as a turn of the bot does."""
    place.runner.remember(place.home, place.standing())
    number = place.home.generation
    assert place.start(web(place)) in (Up(changed=True), Up(changed=False))
    job = place.job(f"echo {number} >{OUTPUT}", name="seed", variables={"NUMBER": str(number)})
    assert place.run(job).output == f"{number}\n".encode()
    place.runner.remember(place.home, place.standing(serving=place.standing().sha))


def stop(place: Place) -> None:
    place.runner.remember(place.home, place.standing())
    assert place.stop(web(place).name) == ()
    place.runner.remember(place.home, place.standing(down=True))


def delete(place: Place) -> None:
    place.runner.remember(place.home, place.standing())
    assert place.runner.remove(place.home, log=print).objects == ()


ACTS: Mapping[str, Callable[[Place], None]] = {"deploys": deploy, "stops": stop, "deletes": delete}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """An old bot at one act and a newer one at whatever's turn it is, each time in an environment of their own."""

    state: Path
    old: str

    def at(self, number: int) -> str:
        """Let them meet before the old one's write of this number; empty if it has no more."""
        halt, newer = Halt(number), tuple(ACTS)[number % len(ACTS)]
        home = Home(environment=environment(), generation=1)
        first = Place(runner=bot(self.state, lambda _: None), image=cluster.busybox(), home=home)
        old = replace(first.at(2), runner=bot(self.state, halt.meet), lines=[])
        try:
            if self.old != "deploys":
                first.runner.remember(home, first.standing())
                assert first.start(web(first)) == Up(changed=True)
            elif newer == "deletes":
                first.runner.remember(home, first.standing())
            return self._met(halt, old, first.at(NEWEST), newer)
        finally:
            halt.woken.set()
            leaving.go(first.runner, replace(home, generation=10**6))

    def _met(self, halt: Halt, old: Place, new: Place, newer: str) -> str:
        with ThreadPoolExecutor(1) as hands:
            late = hands.submit(ACTS[self.old], old)
            until(lambda: halt.asleep.is_set() or late.done(), "the old bot to fall asleep", 90)
            if not halt.asleep.is_set():
                late.result()
                return ""
            ACTS[newer](new)
            until(lambda: not of_old(new), "what the old bot made to go", 60)
            before = seen(new)
            halt.woken.set()
            ended = late.exception(90)
        told = f"{newer}, asleep before {halt.writes[halt.at - 1]}, then {halt.writes[halt.at :]}"
        over = all(write.startswith("delete ") for write in halt.writes[halt.at - 1 :])
        if ended or not (over or self.old == newer == "deletes"):
            assert isinstance(ended, Overtaken), f"{told}: {ended!r}"
        until(lambda: not of_old(new), f"{told}: what it made to go", 30)
        assert seen(new) == before, told
        if newer == "deploys":
            assert new.start(web(new)) == Up(changed=False), told
        return halt.writes[halt.at - 1]


def seen(place: Place) -> Mapping[tuple[str, str], object]:
    """All that is there to stay, and what of it no cluster changes by itself."""
    ground = place.runner._ground
    found = ground.any(place.home)
    if found is None or going(found):
        return {}
    ours = selector(names.ours(place.home.environment))
    bodies = [body for kind in KINDS for body in ground.api.listed(kind, name_of(found), labels=ours).items]
    stay = [body for body in bodies if not going(body)]
    parts = ("generation", "labels", "ownerReferences")
    return {
        (body["kind"], name_of(body)): (uid_of(body), [body["metadata"].get(part) for part in parts], body.get("data"))
        for body in stay
    }


def of_old(place: Place) -> list[str]:
    """What older generations answer for, but for parts of the memory that are still good."""
    found = {key: dict(shown[1][1]) for key, shown in seen(place).items()}
    kept = {key: labels for key, labels in found.items() if labels.get(names.ROLE) != Role.PART}
    return [f"{kind} {name}" for (kind, name), labels in kept.items() if int(labels[names.GENERATION]) < NEWEST]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("old", ACTS)
def test_an_old_bot_that_wakes_up_late_changes_nothing(tmp_path: Path, old: str) -> None:
    meeting, numbers = Meeting(state=tmp_path, old=old), itertools.count(1)
    met: list[str] = []

    def meet() -> None:
        while write := meeting.at(next(numbers)):
            met.append(write)

    with ThreadPoolExecutor(SIDE_BY_SIDE) as hands:
        for each in [hands.submit(meet) for _ in range(SIDE_BY_SIDE)]:
            each.result()
    assert len(met) > 9
