"""Runs groups in this process's memory: a dry run, and the double of every other runner in tests.

It follows the scripts of `sh -c`, as far as `_memory.programs` has their words. An image's own program it does not
know: there a service goes on for ever and is believed to be healthy, and what is to end ends well at once.
"""

import itertools
from collections.abc import Iterator, Mapping
from functools import partial
from threading import Lock

from bot.core.errors import Overtaken
from bot.core.group import Address, Ended, Ending, Exposure, Fate, Group, Home, Leftovers, Result, Up
from bot.core.names import EnvironmentId, Name, Url
from bot.core.standing import Standing
from bot.core.telling.checkup import Check, ok
from bot.core.wire import Cancel, Log
from runners._memory.act import Act
from runners._memory.attempts import Attempts
from runners._memory.disk import Files
from runners._memory.instance import Instance
from runners._memory.network import Network
from runners._memory.services import Services
from runners.base import ForkTerms


class MemoryRunner:
    """All environments of one process; nothing outlives the object."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = itertools.count(1)
        self._standing: dict[EnvironmentId, Standing] = {}
        self._attempts = Attempts()
        self._services = Services()
        self._volumes: dict[tuple[EnvironmentId, Name, str], Files] = {}

    def checks(self) -> Iterator[Check]:
        """Say that there is nothing that could be missing."""
        yield ok("memory runner", "a dry run: nothing of it outlives the process")

    def addresses(
        self, home: Home, wanted: Mapping[Name, Exposure], known: Mapping[Name, Address]
    ) -> Mapping[Name, Address]:
        """Derive each address; there is nothing to reserve."""
        return {name: _address(home, name, exposure) for name, exposure in wanted.items()}

    def run(self, home: Home, group: Group, *, attempt: int, log: Log, cancel: Cancel) -> Ended:
        """Run one attempt, or adopt it."""
        self._fence(home)
        make = partial(self._instance, home, group, lambda line: None)
        begun = self._attempts.begun(home, group, attempt, make, cancel=cancel, log=log)
        return begun.awaited(log, cancel) if begun else Ended(fate=Fate.CANCELLED)

    def finish(self, home: Home, group: Group, *, attempt: int, ending: Ending, log: Log) -> tuple[Ended, ...]:
        """Run the poststop tasks of a job, unless they ran."""
        self._fence(home)
        begun = self._attempts.known(home, group, attempt)
        return begun.finished(ending, log) if begun else ()

    def start(self, home: Home, group: Group, *, log: Log, cancel: Cancel) -> Up | Ended:
        """Bring a service up in this version."""
        self._fence(home)
        replica = partial(self._instance, home, group)
        roll_out = partial(self._services.rolled_out, home.environment, group, replica)
        return Act(lambda said: roll_out(said, cancel.is_set)).awaited(log)

    def stop(self, home: Home, name: Name, *, log: Log) -> tuple[Ended, ...]:
        """End a service and keep its volumes."""
        self._fence(home)
        return self._services.ended(home.environment, name, Result.STOPPED, log)

    def discard(self, home: Home, name: Name, *, log: Log) -> tuple[Ended, ...]:
        """End a service and keep its volumes, and forget a job."""
        return (*self.stop(home, name, log=log), *self._attempts.gone(home.environment, log, name))

    def empty(self, home: Home, name: Name) -> None:
        """Forget the service's volumes."""
        self._fence(home)
        with self._lock:
            self._volumes = {key: one for key, one in self._volumes.items() if key[:2] != (home.environment, name)}

    def remove(self, home: Home, *, log: Log) -> Leftovers:
        """Forget everything of the environment."""
        self._fence(home)
        self._attempts.gone(home.environment, log)
        self._services.gone(home.environment, log)
        with self._lock:
            self._volumes = {key: one for key, one in self._volumes.items() if key[0] != home.environment}
            self._standing.pop(home.environment, None)
        return Leftovers()

    def logs(self, home: Home, name: Name, *, follow: bool) -> Iterator[str]:
        """The lines so far; with `follow`, until it ends."""
        yield from self._services.lines(home.environment, name, follow=follow)

    def recall(self, home: Home) -> Standing | None:
        """What was remembered last."""
        return self._standing.get(home.environment)

    def remember(self, home: Home, standing: Standing) -> None:
        """Keep it in memory."""
        with self._lock:
            self._fence(home)
            self._standing[home.environment] = standing

    def reseal(self) -> int:
        """Nothing is kept here that could be read from a disk."""
        return 0

    def roomless(self) -> str:
        """Nothing: memory is room enough."""
        return ""

    def homes(self) -> Iterator[Home]:
        """Every environment with anything in it."""
        volumes = {environment for environment, _, _ in self._volumes}
        used = {*self._standing, *volumes, *self._services.environments(), *self._attempts.environments()}
        for environment in sorted(used):
            yield Home(environment=environment, generation=self._generation(environment))

    def _generation(self, environment: EnvironmentId) -> int:
        standing = self._standing.get(environment)
        return standing.generation if standing else 0

    def _fence(self, home: Home) -> None:
        if (kept := self._generation(home.environment)) > home.generation:
            raise Overtaken(f"generation {kept} has taken {home.environment} over from {home.generation}")

    def _instance(self, home: Home, group: Group, lasting: Log) -> Instance:
        volumes = {path: self._volumes.setdefault((home.environment, group.name, path), {}) for path in group.volumes}
        serving = partial(self._services.ports, home.environment)
        network = Network(hostname=f"memory{next(self._numbers)}", serving=serving)
        return Instance(group=group, network=network, volumes=volumes, lasting=lasting)


def _address(home: Home, name: Name, exposure: Exposure) -> Address:
    url = f"http://{name}.{home.environment}.localhost" if exposure.public else f"http://{name}:{exposure.port}"
    return Address(host=name, port=exposure.port, url=Url(url if exposure.port else ""))


def fork_terms(settings: Mapping[str, str]) -> ForkTerms:
    """As any other: what runs here is our own, and reads nothing of the machine."""
    return ForkTerms()


def create(settings: Mapping[str, str]) -> MemoryRunner:
    """An empty world; no setting changes it."""
    return MemoryRunner()
