"""One environment on one runner, driven in the words of the contract."""

import itertools
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import docker
import pytest

from bot import plugins
from bot.core.events import PullKey
from bot.core.group import Address, Ended, Ending, Fate, Group, Home, Probe, ProbeKind, Task, Up, ending
from bot.core.model import Hook
from bot.core.names import EnvironmentId, Name, Sha, Url
from bot.core.standing import Standing, Variable
from runners.base import Runner
from tests.contracts.leaving import leaving
from tests.world import account, cluster

OUTPUT = "/qovery-output/qovery-output.json"
_numbers = itertools.count(1)


def runner_params(*, but: tuple[str, ...] = ()) -> list[Any]:
    """Every runner that there is a file of, `but` those that say why not; all but the one in memory need an engine."""
    marks = {"memory": (), "kubernetes": (pytest.mark.engine, pytest.mark.cluster)}
    names = [name for name in plugins.choices("runners") if name not in but]
    return [pytest.param(name, marks=marks.get(name, (pytest.mark.engine,))) for name in names]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An environment of its own, what its groups are made of, and the lines they print."""

    runner: Runner
    image: str
    home: Home
    lines: list[str] = field(default_factory=list)
    user: str | None = None
    """Of every container; None: the image's own."""

    def job(self, script: str, **other: Any) -> Group:
        """A job that runs this script; it has a name of its own unless it is given one."""
        return self._group(script, event="deploy", **other)

    def service(self, script: str, **other: Any) -> Group:
        """A service that runs this script."""
        return self._group(script, **other)

    def web(self, page: str, **other: Any) -> Group:
        """A service that serves this page at port 8080."""
        script = f"mkdir -p /tmp/www; echo {page} > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www"
        group = self.service(script, **{"health": Probe(kind=ProbeKind.TCP, port=8080, every=0.2), **other})
        return replace(group, address=group.address or Address(host=group.name, port=8080, url=Url("")))

    def task(self, name: str, script: str, hook: Hook | None = None, **other: Any) -> Task:
        """A task that runs this script."""
        return Task(name=Name(name), hook=hook, **{**self._container(script), **other})

    def run(self, group: Group, *, attempt: int = 1, cancel: threading.Event | None = None) -> Ended:
        """Run it and keep its lines instead of those before."""
        self.lines.clear()
        log, cancel = self.lines.append, cancel or threading.Event()
        return self.runner.run(self.home, group, attempt=attempt, log=lambda line: log(line), cancel=cancel)

    def finish(self, group: Group, ended: Ended, *, attempt: int = 1) -> tuple[Ended, ...]:
        """Do what a job owes after its last attempt, and keep its lines instead of those before."""
        self.lines.clear()
        told: Ending = ending(ended, group)
        return self.runner.finish(self.home, group, attempt=attempt, ending=told, log=self.lines.append)

    def stop(self, name: Name) -> tuple[Ended, ...]:
        """Stop a service and keep its lines instead of those before."""
        self.lines.clear()
        return self.runner.stop(self.home, name, log=self.lines.append)

    def start(self, group: Group, *, cancel: threading.Event | None = None) -> Up | Ended:
        """Start it and keep its lines instead of those before."""
        self.lines.clear()
        log, cancel = self.lines.append, cancel or threading.Event()
        return self.runner.start(self.home, group, log=lambda line: log(line), cancel=cancel)

    def fetched(self, name: str, path: str = "/") -> str | None:
        """What a job of this environment is answered by a service; None for no answer."""
        ended = self.run(self.job(f"wget -q -O - http://{name}:8080{path}"))
        return "\n".join(self.lines) if ended.succeeded else None

    def at(self, generation: int) -> "Place":
        """The same environment, seen by another generation."""
        return replace(self, home=replace(self.home, generation=generation))

    def standing(self, **other: Any) -> Standing:
        """A memory of this environment and generation."""
        forge, repository, number = self.home.environment.split("-")
        key = PullKey(forge=forge, repository=repository, number=int(number))
        generation = other.pop("generation", self.home.generation)
        return Standing(key=key, repository="acme/shop", generation=generation, sha=Sha("a" * 40), **other)

    def _group(self, script: str, **other: Any) -> Group:
        name = Name(other.pop("name", f"n{next(_numbers)}"))
        other["variables"] = {"MATINEE_OUTPUT_FILE": OUTPUT, **other.get("variables", {})}
        return Group(name=name, **{"version": script, **self._container(script), **other})

    def _container(self, script: str) -> dict[str, Any]:
        command = {"image": self.image, "user": self.user, "entrypoint": ("sh", "-c"), "args": (script,)}
        return {**command, "memory": 64 * 2**20, "max_duration": 20}


def facts(ended: Ended | Up) -> tuple[Fate, str, int | None]:
    """How what did not come to a good end has ended, without the words of the engine."""
    assert isinstance(ended, Ended)
    return ended.fate, ended.task, ended.code


SECRET = Variable(name="API_KEY", value="s3cret-of-the-shop", sensitive=True)


def environment() -> EnvironmentId:
    """An id that no other test has."""
    return EnvironmentId(f"test-{uuid.uuid4().hex[:12]}-1")


def settings_for(name: str) -> dict[str, str]:
    """What an operator would have set for this runner."""
    if name != "kubernetes":
        return {}
    return {"kubeconfig": account.kubeconfig(), "domain": "preview.test", "companion_image": cluster.busybox()}


def image_for(name: str) -> str:
    """An image with a shell, pinned by its id or digest."""
    if name == "memory":
        return "sha256:" + "0" * 64
    if name == "kubernetes":
        return cluster.busybox()
    found: str = docker.from_env().images.get("busybox:latest").id or ""
    return found


def placed(name: str, state: str, **settings: str) -> Iterator[Place]:
    """A place on the runner of that name, cleared away afterwards."""
    runner: Runner = plugins.create("runners", name, {"state": state, **settings_for(name), **settings})
    place = Place(runner=runner, image=image_for(name), home=Home(environment=environment(), generation=1))
    yield place
    last = replace(place.home, generation=10**6)
    if name == "kubernetes":
        leaving.go(runner, last)
    else:
        assert runner.remove(last, log=print).objects == ()


@contextmanager
def cancelled_at(line: str, place: Place) -> Iterator[threading.Event]:
    """Set once the place has been told this line."""
    place.lines.clear()
    cancel, over = threading.Event(), threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            if line in place.lines:
                cancel.set()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield cancel
    finally:
        over.set()
        watcher.join()
