"""The nodes' proxies: they follow late when a name leads to other pods, and tell nobody when they have."""

import threading
import time

from bot.core.names import EnvironmentId
from bot.core.wire import Cancel

_LATE = 1.0
"""Seconds in which they follow: by themselves they do at most once a second."""
_BEGINS = 0.3
"""Seconds that a pod takes at least from being asked for to its first instruction."""


class Proxies:
    """When names last changed in each environment, as far as this process has changed them."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._moved: dict[EnvironmentId, float] = {}

    def moved(self, environment: EnvironmentId) -> None:
        """A name of this environment leads to other pods from now on."""
        with self._changing:
            self._moved[environment] = time.monotonic()

    def before_pods(self, environment: EnvironmentId, cancel: Cancel) -> None:
        """Wait until a pod that is made now will meet every name where it leads."""
        self._awaited(environment, _LATE - _BEGINS, cancel)

    def followed(self, environment: EnvironmentId, cancel: Cancel) -> None:
        """Wait until nobody is led any more to where the names led before."""
        self._awaited(environment, _LATE, cancel)

    def _awaited(self, environment: EnvironmentId, late: float, cancel: Cancel) -> None:
        with self._changing:
            left = self._moved.get(environment, 0.0) + late - time.monotonic()
        if left > 0:
            cancel.wait(left)
