"""The lines of all containers of a pod, each told once, those of what runs one after the other in their order."""

from bot.core.wire import Log
from runners._kubernetes.api import Api
from runners._kubernetes.exec import Spot
from runners._kubernetes.logs import Following
from runners._kubernetes.seen import Pod, Vessel

Logs = dict[str, Log]
"""Where each container's lines go, in the order in which the containers begin."""


class Voices:
    """Whoever was heard of, until it is closed."""

    def __init__(self, api: Api, namespace: str, *, lasting: frozenset[str] = frozenset()) -> None:
        self._api, self._namespace = api, namespace
        self._lasting = lasting
        """Containers that are started again, and are not waited for by others."""
        self._heard: dict[tuple[str, int], Following] = {}
        self._open: dict[tuple[str, int], Following] = {}

    def listen(self, pod: Pod, logs: Logs) -> None:
        """Hear what has begun; what came before in turn is heard to its end first."""
        for name, log in logs.items():
            vessel = pod.vessel(name)
            for number in _runs(vessel):
                self._begin(pod, name, number, log)
            if vessel.ended and name not in self._lasting and (name, vessel.restarts) in self._open:
                self._open.pop((name, vessel.restarts)).rest()

    def rest(self) -> None:
        """Take the last lines of all of them, once they have ended."""
        while self._open:
            self._open.popitem()[1].rest()

    def end(self) -> None:
        """Take no more lines."""
        while self._open:
            self._open.popitem()[1].end()

    def _begin(self, pod: Pod, name: str, number: int, log: Log) -> None:
        if (name, number) in self._heard:
            return
        if number and (before := self._open.pop((name, number - 1), None)):
            before.rest()
        spot = Spot(namespace=self._namespace, pod=pod.name, container=name)
        following = Following(self._api, spot, log, number=number)
        self._heard[name, number] = self._open[name, number] = following


def _runs(vessel: Vessel) -> list[int]:
    """Which runs of it can be heard: the newest, and the one before."""
    return [number for number in (vessel.restarts - 1, vessel.restarts) if number >= 0] if vessel.began else []
