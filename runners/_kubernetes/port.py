"""The port of a job, asked from inside its pod: one line of its log says when it answers, or that it never did."""

from bot.core.wire import Log
from runners._kubernetes.api import Api
from runners._kubernetes.exec import Spot
from runners._kubernetes.logs import Following, Reading
from runners._kubernetes.seen import Pod
from runners._kubernetes.tool import ANSWERS, ASKER


class Port:
    """One port of one attempt."""

    def __init__(self, api: Api, namespace: str, port: int, log: Log) -> None:
        self._api, self._namespace, self._port, self._log = api, namespace, port, log
        self._following: Following | None = None
        self._answered = False

    def looked_at(self, pod: Pod) -> None:
        """Hear whoever asks, from the beginning."""
        if self._following is None and pod.vessel(ASKER).began:
            self._following = Following(self._api, self._spot(pod), self._told)

    def close(self, pod: Pod | None) -> None:
        """Say what is left to be said, when the main is over."""
        if self._following is None:
            return
        self._following.end()
        for line in Reading(self._api, self._spot(pod)).lines(follow=False) if pod and not self._answered else ():
            self._told(line)
        if not self._answered:
            self._log(f"port {self._port} never answered")

    def _told(self, line: str) -> None:
        if line == ANSWERS and not self._answered:
            self._answered = True
            self._log(f"port {self._port} answers")

    def _spot(self, pod: Pod) -> Spot:
        return Spot(namespace=self._namespace, pod=pod.name, container=ASKER)
