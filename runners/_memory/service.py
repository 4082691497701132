"""A service in memory: a version comes up beside the one that serves, and only then that one goes."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from threading import Event
from typing import TypeVar

from bot.core.group import Ended, Ending, Fate, Group, ending
from bot.core.wire import Log
from runners._memory import poststop
from runners._memory.act import Transcript, begun
from runners._memory.container import Container
from runners._memory.hooks import Beside, Lost, Unwanted, gone_through
from runners._memory.instance import Instance, told
from runners._memory.network import Ports
from runners._memory.probe import brought_up

_Found = TypeVar("_Found")


class Version:
    """One version of a service: its replicas, and what those of their containers print that go on."""

    def __init__(self, of: Group, replica: Callable[[Log], Instance]) -> None:
        self.group = of
        self.lasting = Transcript()
        self.gone = False
        self._replicas = tuple(replica(self.lasting.take) for _ in range(of.replicas))
        self._turns = itertools.cycle(range(len(self._replicas)))

    def ports(self) -> Ports:
        """Those of one replica, each in its turn."""
        return self._replicas[next(self._turns)].network.ports

    def up(self, log: Log, unwanted: Unwanted) -> Lost | Ended:
        """Bring all replicas up at once; what does not come up goes again, with what it owes."""
        ends = _all([partial(_up, each, log, unwanted) for each in self._replicas])
        failed = next((ended for ended in ends if isinstance(ended, Ended)), None)
        if failed is None:
            return tuple(lost for each in ends if not isinstance(each, Ended) for lost in each)
        owed = self.ended(ending(failed, self.group), log)
        return replace(failed, lost=(*failed.lost, *owed))

    def ended(self, how: Ending, log: Log) -> Lost:
        """Let all replicas end and do what they owe; those of their poststop tasks that failed."""
        ends = _all([partial(poststop.ended, each, how, log) for each in self._replicas])
        self.gone = True
        return tuple(lost for each in ends for lost in each)


def _up(replica: Instance, log: Log, unwanted: Unwanted) -> Lost | Ended:
    """Bring one up through its hooks; it is kept running for ever once it is."""
    before = gone_through(replica, log, unwanted)
    if isinstance(before, Ended):
        return before
    mains = [replica.begun(one, log) for one in (replica.group, *replica.group.hooked(None))]
    beside = Beside(replica, log, unwanted)
    failed = _mains_up(mains, lambda: beside.failed or unwanted())
    after = beside.settled(needed=failed is None)
    if failed and (failed.fate is not Fate.CANCELLED or unwanted()):
        return replace(failed, lost=before)
    if isinstance(after, Ended):
        return replace(after, lost=(*before, *after.lost))
    if fallen := _fallen(mains):
        return replace(fallen, lost=(*before, *after))
    for container in mains:
        container.keep()
    return (*before, *after)


def _mains_up(mains: Sequence[Container], unwanted: Unwanted) -> Ended | None:
    """Wait for every main at once; the first failure ends the waiting."""
    given_up = Event()

    def one_up(container: Container) -> Ended | None:
        ended = brought_up(container, lambda: given_up.is_set() or unwanted())
        if ended is None:
            return None
        given_up.set()
        return told(container.one, ended)

    ends = [ended for ended in _all([partial(one_up, each) for each in mains]) if ended]
    return next((ended for ended in ends if ended.fate is not Fate.CANCELLED), ends[0] if ends else None)


def _fallen(mains: Sequence[Container]) -> Ended | None:
    """A main that ended while what begins beside it was waited for."""
    return next((told(each.one, each.ended()) for each in mains if each.over), None)


def _all(works: Iterable[Callable[[], _Found]]) -> list[_Found]:
    """What came of each, all of them at once."""
    return [future.result() for future in [begun(work) for work in works]]
