"""Runs groups on a Docker-compatible engine: a network per environment, services by name, memory in files beside it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock

from bot.core.errors import Misused
from bot.core.group import Address, Ended, Ending, Exposure, Group, Home, Leftovers, Up
from bot.core.names import Name
from bot.core.standing import Standing
from bot.core.telling.checkup import Check
from bot.core.wire import Cancel, Log
from bot.keeping.cipher import cipher
from runners._docker import gate, job, names, ports, removal, service, volumes
from runners._docker.checks import SOON, checks
from runners._docker.engine import Engine
from runners._docker.folders import Folders
from runners._docker.group import Instance
from runners._docker.logs import said
from runners._docker.records import Records
from runners._telling import in_turn
from runners.base import ForkTerms


class DockerRunner:
    """One engine and the folder with what is remembered of its environments."""

    def __init__(self, engine: Engine, records: Records, *, companion: str) -> None:
        self._engine = engine
        self._records = records
        self._companion = companion
        self._folders = Folders()
        self._giving = Lock()
        self._given: dict[tuple[str, Name], int] = {}

    def checks(self) -> Iterator[Check]:
        """Look at the engine, over a connection that gives up early."""
        return checks(Engine(timeout=SOON), self._companion)

    def addresses(
        self, home: Home, wanted: Mapping[Name, Exposure], known: Mapping[Name, Address]
    ) -> Mapping[Name, Address]:
        """Give each service its address; a known host port is kept unless somebody else took it meanwhile."""
        with self._engine.answering(), self._giving:
            return {name: self._address(home, name, exposure, known.get(name)) for name, exposure in wanted.items()}

    def run(self, home: Home, group: Group, *, attempt: int, log: Log, cancel: Cancel) -> Ended:
        """Run one attempt of a job, or adopt it."""
        with self._acting(home):
            return job.run(self._attempt(home, group, attempt, log, cancel))

    def finish(self, home: Home, group: Group, *, attempt: int, ending: Ending, log: Log) -> tuple[Ended, ...]:
        """End the group of a job's last attempt, with its poststop tasks."""
        with self._acting(home):
            return job.finish(self._attempt(home, group, attempt, log, Event()), ending)

    def start(self, home: Home, group: Group, *, log: Log, cancel: Cancel) -> Up | Ended:
        """Bring a service up in this version."""
        with self._acting(home):
            rollout = service.Rollout(
                engine=self._engine,
                records=self._records,
                home=home,
                group=group,
                companion=self._companion,
                log=in_turn(log),
                cancel=cancel,
            )
            return service.start(rollout)

    def stop(self, home: Home, name: Name, *, log: Log) -> tuple[Ended, ...]:
        """Remove the service's containers; its volumes stay."""
        with self._acting(home):
            return service.take_down(self._engine, home, name, in_turn(log))

    def discard(self, home: Home, name: Name, *, log: Log) -> tuple[Ended, ...]:
        """Remove the containers of a service or job; a service's volumes stay."""
        with self._acting(home):
            failed = service.take_down(self._engine, home, name, in_turn(log))
            return (*failed, *removal.discard(self._engine, home.environment, name, in_turn(log)))

    def empty(self, home: Home, name: Name) -> None:
        """Remove the service's volumes."""
        with self._acting(home):
            volumes.empty(self._engine, home.environment, name)

    def remove(self, home: Home, *, log: Log) -> Leftovers:
        """Remove all that carries the environment's label, and its memory once nothing is left."""
        with self._acting(home):
            left = removal.remove(self._engine, home.environment, in_turn(log))
        if not left:
            self._records.forget(home.environment)
        return Leftovers(left)

    def logs(self, home: Home, name: Name, *, follow: bool) -> Iterator[str]:
        """The lines of what serves now."""
        with self._engine.answering():
            yield from said(self._engine, home.environment, name, follow=follow)

    def recall(self, home: Home) -> Standing | None:
        """Read what was remembered; the engine need not answer for it."""
        return self._records.recall(home.environment)

    def remember(self, home: Home, standing: Standing) -> None:
        """Write it beside the engine; the engine need not answer for it."""
        self._records.remember(home, standing)

    def reseal(self) -> int:
        """Seal what is remembered with the newest key; how many environments."""
        return self._records.reseal()

    def roomless(self) -> str:
        """Nothing: an engine has its own disk."""
        return ""

    def homes(self) -> Iterator[Home]:
        """Every environment with a memory or with anything on the engine."""
        with self._engine.answering():
            found = {*self._records.environments(), *removal.environments(self._engine)}
        for environment in sorted(found):
            yield Home(environment=environment, generation=self._records.generation(environment))

    @contextmanager
    def _acting(self, home: Home) -> Iterator[None]:
        self._records.fence(home)
        with self._engine.answering():
            yield

    def _attempt(self, home: Home, group: Group, number: int, log: Log, cancel: Cancel) -> Instance:
        return Instance(
            engine=self._engine,
            records=self._records,
            home=home,
            group=group,
            name=names.attempt(home, group, number),
            companion=self._companion,
            log=in_turn(log),
            cancel=cancel,
            folders=self._folders,
        )

    def _address(self, home: Home, name: Name, exposure: Exposure, known: Address | None) -> Address:
        if not exposure.public:
            return ports.address(name, exposure, None)
        if known and known.published and ports.fits(exposure, known) and self._ours(home, name, known.published):
            return known
        key = (home.environment, name)
        others = (ports.promised(each.addresses) for each in self._records.all().values())
        given = {port for to, port in self._given.items() if to != key}
        self._given[key] = ports.reserved(home.environment, name, given.union(*others))
        return ports.address(name, exposure, self._given[key])

    def _ours(self, home: Home, name: Name, port: int) -> bool:
        return ports.free(port) or gate.holds(self._engine, home.environment, name, port)


def fork_terms(settings: Mapping[str, str]) -> ForkTerms:
    """None, unless the operator says so: containers share the engine's kernel and network with all else there."""
    allowed = settings.get("docker_forks", "")
    if allowed not in ("", "allow"):
        raise Misused(f"MATINEE_DOCKER_FORKS: {allowed!r} is not allow; write that, or leave it out")
    return ForkTerms(against="" if allowed else _NO_WALL, out=True)


_NO_WALL = (
    "the Docker runner does not keep what strangers wrote from this machine and its network; "
    "the operator can set MATINEE_DOCKER_FORKS=allow, or use MATINEE_RUNNER=kubernetes"
)


def create(settings: Mapping[str, str]) -> DockerRunner:
    """Use the engine that the environment names; it is asked nothing before the first act."""
    records = Records(Path(settings["state"]), cipher(settings))
    return DockerRunner(Engine(), records, companion=settings.get("companion_image") or "busybox")
