"""Runs groups in a Kubernetes cluster: a namespace per environment, memory in sealed Secrets inside it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from threading import Event

from bot.core.group import Address, Ended, Ending, Exposure, Group, Home, Leftovers, Up
from bot.core.names import Name
from bot.core.standing import Standing
from bot.core.telling.checkup import Check
from bot.core.wire import Cancel, Log
from bot.keeping.cipher import cipher
from runners._kubernetes import addresses, claims, former, job, removal, service
from runners._kubernetes.api import Api, connected
from runners._kubernetes.attempt import Attempt
from runners._kubernetes.checks import checks
from runners._kubernetes.end import Ends
from runners._kubernetes.ground import Ground, home_of
from runners._kubernetes.hold import Hold
from runners._kubernetes.job import Turn
from runners._kubernetes.memory import Memory
from runners._kubernetes.proxies import Proxies
from runners._kubernetes.said import said
from runners._kubernetes.storage import stored
from runners._kubernetes.succession import succeed
from runners._kubernetes.terms import Terms, terms
from runners._telling import in_turn
from runners.base import ForkTerms


class KubernetesRunner:
    """One cluster, and the operator's terms in it."""

    def __init__(self, api: Api, terms: Terms, memory: Memory, *, ends: Ends, companion: str) -> None:
        self._api = api
        self._ends = ends
        self._companion = companion
        self._terms = terms
        self._memory = memory
        self._ground = Ground(api, terms)
        self._proxies = Proxies()

    def checks(self) -> Iterator[Check]:
        """Look at the cluster, and at our rights in it."""
        return checks(self._api, self._terms)

    def addresses(
        self, home: Home, wanted: Mapping[Name, Exposure], known: Mapping[Name, Address]
    ) -> Mapping[Name, Address]:
        """Give each service its address; it follows from the names, so that nothing known is needed."""
        return {name: addresses.address(self._terms, home, name, exposure) for name, exposure in wanted.items()}

    def run(self, home: Home, group: Group, *, attempt: int, log: Log, cancel: Cancel) -> Ended:
        """Run one attempt of a job, or adopt it."""
        with self._api.answering():
            hold = self._ground.hold(home)
            self._proxies.before_pods(home.environment, cancel)
            return job.run(self._turn(hold, group, attempt, log, cancel))

    def finish(self, home: Home, group: Group, *, attempt: int, ending: Ending, log: Log) -> tuple[Ended, ...]:
        """End the group of a job's last attempt, with its poststop tasks."""
        with self._api.answering():
            hold = self._ground.held(home)
            return job.finish(self._turn(hold, group, attempt, log, Event()), ending) if hold else ()

    def start(self, home: Home, group: Group, *, log: Log, cancel: Cancel) -> Up | Ended:
        """Bring a service up in this version."""
        with self._api.answering():
            hold = self._ground.hold(home)
            rollout = service.Rollout(hold=hold, group=group, proxies=self._proxies, log=in_turn(log), cancel=cancel)
            return service.start(rollout)

    def stop(self, home: Home, name: Name, *, log: Log) -> tuple[Ended, ...]:
        """Take the service's pods away; its claims stay."""
        with self._api.answering():
            hold = self._ground.held(home)
            return () if hold is None else service.take_down(hold, name, in_turn(log))

    def discard(self, home: Home, name: Name, *, log: Log) -> tuple[Ended, ...]:
        """Take a service or job away; a service's claims stay."""
        with self._api.answering():
            hold = self._ground.held(home)
            if hold is None:
                return ()
            log = in_turn(log)
            return (*service.discarded(hold, name, log), *former.discard(hold, name, log=log))

    def empty(self, home: Home, name: Name) -> None:
        """Delete the service's claims."""
        with self._api.answering():
            if hold := self._ground.held(home):
                claims.empty(hold, name)

    def remove(self, home: Home, *, log: Log) -> Leftovers:
        """Do what is owed, then remove the namespace with all that is in it."""
        with self._api.answering():
            if hold := self._ground.held(home):
                service.pay(hold, in_turn(log))
                former.pay(hold, log=in_turn(log))
            return Leftovers(removal.remove(self._ground, home))

    def logs(self, home: Home, name: Name, *, follow: bool) -> Iterator[str]:
        """The lines of what serves now."""
        with self._api.answering():
            yield from said(self._api, self._ground.any(home), name, follow=follow)

    def recall(self, home: Home) -> Standing | None:
        """Read what is remembered in the namespace."""
        with self._api.answering():
            found = self._ground.any(home)
            return None if found is None else self._memory.recall(found, home.environment)

    def remember(self, home: Home, standing: Standing) -> None:
        """Write it into the namespace, made if it is not there; older generations own nothing from then on."""
        home = replace(home, generation=min(home.generation, standing.generation))
        with self._api.answering():
            found, news = self._ground.raised(home, self._ground.standing(home))
            self._memory.remember(home, found, standing)
            if news:
                succeed(self._ground.still(home))

    def reseal(self) -> int:
        """Seal what is remembered with the newest key; how many environments."""
        with self._api.answering():
            found = list(self._ground.namespaces())
            for namespace in found:
                self._memory.reseal(home_of(namespace), self._ground.entered(namespace))
            return len(found)

    def roomless(self) -> str:
        """Whether a StorageClass is the default; asked each time, since the operator may have made one."""
        with self._api.answering():
            return "" if stored(self._api) else "the cluster has no default StorageClass"

    def homes(self) -> Iterator[Home]:
        """Every namespace of ours."""
        with self._api.answering():
            found = [home_of(namespace) for namespace in self._ground.namespaces()]
        yield from found

    def _turn(self, hold: Hold, group: Group, attempt: int, log: Log, cancel: Cancel) -> Turn:
        one = Attempt(home=hold.home, group=group, number=attempt, terms=hold.terms, companion=self._companion)
        return Turn(hold=hold, attempt=one, ends=self._ends, log=in_turn(log), cancel=cancel)


def fork_terms(settings: Mapping[str, str]) -> ForkTerms:
    """Always, on stricter terms; out only where the operator names networks for them."""
    return ForkTerms(out=bool(terms(settings).fork_egress))


def create(settings: Mapping[str, str]) -> KubernetesRunner:
    """Use the cluster that the settings name, else the one that we are in; it is asked nothing before the first act."""
    return over(connected(settings), settings)


def over(api: Api, settings: Mapping[str, str]) -> KubernetesRunner:
    """The same over this connection."""
    keys = cipher(settings)
    companion = settings.get("companion_image") or "busybox"
    return KubernetesRunner(api, terms(settings), Memory(api, keys), ends=Ends(keys), companion=companion)
