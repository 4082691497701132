"""The bot dies right after each change that it makes on the engine: the same end, nothing twice, nothing left."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core.group import Ended, Ending, Exposure, Fate, Group, Leftovers, Probe, ProbeKind, Result, Up
from bot.core.model import Hook
from bot.core.names import Name
from bot.keeping.cipher import cipher
from runners._docker.records import Records
from runners.docker import DockerRunner
from tests.contracts.runner_fixtures import Place, placed
from tests.contracts.test_docker_groups import on_engine, task
from tests.world.dying_engine import DyingEngine
from tests.world.engine_starts import Starts, started

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@dataclass
class Stage:
    """A place, and a runner on it that dies all the time."""

    place: Place
    engine: DyingEngine
    runner: DockerRunner
    started: Starts

    def job(self, group: Group) -> Ended:
        """Run and finish it."""
        home, log = self.place.home, self.place.lines.append
        ended: Ended = self.engine.outlived(
            lambda: self.runner.run(home, group, attempt=1, log=log, cancel=threading.Event())
        )
        result = Result.SUCCEEDED if ended.succeeded else Result.FAILED
        failed = self.engine.outlived(
            lambda: self.runner.finish(home, group, attempt=1, ending=Ending(result=result), log=log)
        )
        assert failed == ()
        return ended

    def start(self, group: Group) -> Up | Ended:
        """Bring it up."""
        home, log = self.place.home, self.place.lines.append
        up: Up | Ended = self.engine.outlived(lambda: self.runner.start(home, group, log=log, cancel=threading.Event()))
        return up

    def stop(self, name: Name) -> tuple[Ended, ...]:
        """Take it down."""
        failed: tuple[Ended, ...] = self.engine.outlived(
            lambda: self.runner.stop(self.place.home, name, log=self.place.lines.append)
        )
        return failed

    def remove(self) -> Leftovers:
        """Remove everything."""
        left: Leftovers = self.engine.outlived(lambda: self.runner.remove(self.place.home, log=print))
        return left

    def starts(self, role: str) -> Counter[str]:
        """How often each container of this role was started, as the engine itself tells."""
        mine = (each for each in self.started.attributes() if each.get("matinee.dev/role") == role)
        return Counter(f"{each['matinee.dev/group']} {each.get('matinee.dev/task', '')}" for each in mine)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    engine = DyingEngine()
    runner = DockerRunner(engine, Records(tmp_path, cipher({"state": str(tmp_path)})), companion="busybox")
    for place in placed("docker", str(tmp_path)):
        with started(place.home.environment) as starts:
            yield Stage(place=place, engine=engine, runner=runner, started=starts)


def tasks(place: Place, *, prestart: str = "true") -> tuple:
    return (
        task(place, "side", "sleep 600", hook=Hook.PRESTART, sidecar=True, files={"/etc/side": "well"}),
        task(place, "init", f"echo init >> /alloc/told; {prestart}", hook=Hook.PRESTART),
        task(
            place, "after", "echo after >> /alloc/told; cat /etc/after", hook=Hook.POSTSTART, files={"/etc/after": "!"}
        ),
        task(
            place,
            "bye",
            'sort /alloc/told; echo "$MATINEE_RESULT"; cat /etc/bye',
            hook=Hook.POSTSTOP,
            files={"/etc/bye": "!"},
        ),
    )


@pytest.mark.parametrize(
    ("prestart", "end", "told"),
    [
        ("true", Ended(fate=Fate.EXITED, code=0), ["after", "init", "main", "succeeded", "!"]),
        ("exit 4", Ended(fate=Fate.EXITED, code=4, task="init"), ["init", "failed", "!"]),
    ],
    ids=["a good end", "a failed prestart"],
)
def test_an_attempt_of_many_deaths(stage: Stage, prestart: str, end: Ended, told: list[str]) -> None:
    place = stage.place
    job = place.job(
        "echo main >> /alloc/told; sleep 1", tasks=tasks(place, prestart=prestart), volumes={"/data": 2**20}
    )
    assert stage.job(job) == end
    assert len(stage.engine.deaths) > 20
    for role in ("own", "passing", "poststop"):
        assert set(stage.starts(role).values()) <= {1}, role
    assert sum(stage.starts("poststop").values()) == 1
    assert {f"bye | {line}" for line in told} <= set(place.lines)
    assert stage.remove() == Leftovers()
    assert on_engine(place) == []


def test_a_service_of_many_deaths(stage: Stage) -> None:
    place = stage.place
    exposed = {Name("web"): Exposure(port=8080, public=True)}
    address = place.runner.addresses(place.home, exposed, {})[Name("web")]
    probe = Probe(kind=ProbeKind.TCP, port=8080, every=0.2)
    old = place.web("old", name="web", tasks=tasks(place), health=probe, address=address)
    new = place.web("new", name="web", tasks=tasks(place), health=probe, address=address)
    assert isinstance(stage.start(old), Up)
    assert place.fetched("web") == "old"
    assert isinstance(stage.start(new), Up)
    assert place.fetched("web") == "new"
    assert stage.stop(Name("web")) == ()
    assert len(stage.engine.deaths) > 60
    assert on_engine(place, service="web") == []
    assert set(stage.starts("passing").values()) == {1}
    assert sorted(stage.starts("poststop").values()) == [1, 1]
    assert stage.remove() == Leftovers()
