"""Runs groups in this process's memory: a dry run, and the double of every other runner in tests.

It follows the scripts of `sh -c`, as far as `_memory_shell` knows their words; an image's own program it does not know:
there a service goes on for ever and a job ends well at once.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from threading import Lock

from bot.core.errors import Overtaken
from bot.core.group import Address, Ended, Ending, Exposure, Fate, Group, Home, Leftovers, Up
from bot.core.names import EnvironmentId, Name, Url
from bot.core.standing import Standing
from bot.core.wire import Cancel, Log
from runners._memory_container import Container
from runners._memory_disk import Disk, Files
from runners._memory_service import brought_up, fetched

_Attempt = tuple[EnvironmentId, Name, str | None, int, int]


class MemoryRunner:
    """All environments of one process; nothing outlives the object."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._standing: dict[EnvironmentId, Standing] = {}
        self._attempts: dict[_Attempt, Container] = {}
        self._services: dict[tuple[EnvironmentId, str], Container] = {}
        self._volumes: dict[tuple[EnvironmentId, Name, str], Files] = {}

    def addresses(
        self, home: Home, wanted: Mapping[Name, Exposure], known: Mapping[Name, Address]
    ) -> Mapping[Name, Address]:
        """Derive each address; there is nothing to reserve."""
        return {name: _address(home, name, exposure) for name, exposure in wanted.items()}

    def run(self, home: Home, group: Group, *, attempt: int, log: Log, cancel: Cancel) -> Ended:
        """Run one attempt, or adopt it."""
        self._fence(home)
        if (container := self._begun(home, group, attempt, cancel)) is None:
            return Ended(fate=Fate.CANCELLED)
        wanted = partial(_wanted, group, cancel)
        if container.watch(log, wanted, float(group.max_duration)):
            return container.ended()
        container.kill()
        return Ended(fate=Fate.TIMED_OUT if wanted() else Fate.CANCELLED, code=137)

    def start(self, home: Home, group: Group, *, log: Log, cancel: Cancel) -> Up | Ended:
        """Bring a service up in this version."""
        self._fence(home)
        place = (home.environment, group.name)
        old = self._services.get(place)
        if old and old.group.version == group.version and not old.over:
            return Up(changed=False)
        if old and group.volumes:
            self.stop(home, group.name, log=log)
        candidate = self._container(home, group)
        if ended := brought_up(candidate, log, cancel):
            return ended
        self._services[place] = candidate
        if old and not old.over:
            old.kill()
        return Up(changed=True)

    def finish(self, home: Home, group: Group, *, attempt: int, ending: Ending, log: Log) -> tuple[Ended, ...]:
        """Run the poststop tasks of a job."""
        return ()

    def stop(self, home: Home, name: Name, *, log: Log) -> tuple[Ended, ...]:
        """End a service and keep its volumes."""
        self._fence(home)
        container = self._services.pop((home.environment, name), None)
        if container and not container.over:
            container.kill()
        return ()

    def discard(self, home: Home, name: Name, *, log: Log) -> tuple[Ended, ...]:
        """The same as `stop`: nothing but volumes is left of either."""
        return self.stop(home, name, log=log)

    def empty(self, home: Home, name: Name) -> None:
        """Forget the service's volumes."""

    def remove(self, home: Home, *, log: Log) -> Leftovers:
        """Forget everything of the environment."""
        self._fence(home)
        for environment, name in list(self._services):
            if environment == home.environment:
                self.stop(home, Name(name), log=log)
        with self._lock:
            self._attempts = {key: one for key, one in self._attempts.items() if key[0] != home.environment}
            self._volumes = {key: one for key, one in self._volumes.items() if key[0] != home.environment}
            self._standing.pop(home.environment, None)
        return Leftovers()

    def logs(self, home: Home, name: Name, *, follow: bool) -> Iterator[str]:
        """The lines so far; with `follow`, until it ends."""
        container = self._services.get((home.environment, name))
        told = 0
        while container is not None:
            yield from container.lines[told:]
            told = len(container.lines)
            with container.changed:
                if not follow or (container.over and told == len(container.lines)):
                    return
                container.changed.wait(0.05)

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

    def homes(self) -> Iterator[Home]:
        """Every environment with anything in it."""
        used = {*self._standing, *(key[0] for key in self._services), *(key[0] for key in self._attempts)}
        for environment in sorted(used):
            yield Home(environment=environment, generation=self._generation(environment))

    def _generation(self, environment: EnvironmentId) -> int:
        standing = self._standing.get(environment)
        return standing.generation if standing else 0

    def _fence(self, home: Home) -> None:
        if (kept := self._generation(home.environment)) > home.generation:
            raise Overtaken(f"generation {kept} has taken {home.environment} over from {home.generation}")

    def _begun(self, home: Home, group: Group, attempt: int, cancel: Cancel) -> Container | None:
        key = (home.environment, group.name, group.event, home.generation, attempt)
        with self._lock:
            if key not in self._attempts:
                if cancel.is_set():
                    return None
                self._attempts[key] = self._container(home, group)
                self._attempts[key].begin()
            return self._attempts[key]

    def _container(self, home: Home, group: Group) -> Container:
        volumes = {path: self._volumes.setdefault((home.environment, group.name, path), {}) for path in group.volumes}
        fetch = partial(fetched, serving=lambda name: self._services.get((home.environment, name)))
        return Container(group=group, disk=Disk(volumes=volumes), fetch=fetch)


def _wanted(group: Group, cancel: Cancel) -> bool:
    return not (group.interruptible and cancel.is_set())


def _address(home: Home, name: Name, exposure: Exposure) -> Address:
    url = f"http://{name}.{home.environment}.localhost" if exposure.public else f"http://{name}:{exposure.port}"
    return Address(host=name, port=exposure.port, url=Url(url if exposure.port else ""))


def create(settings: Mapping[str, str]) -> MemoryRunner:
    """An empty world; no setting changes it."""
    return MemoryRunner()
