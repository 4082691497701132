"""Environments on their way out of a cluster: it takes seconds for each, and no test waits for another's."""

from concurrent.futures import Future, ThreadPoolExecutor

from bot.core.group import Home, Leftovers
from runners.base import Runner


class Leaving:
    """All that were told to go, until they are gone."""

    def __init__(self) -> None:
        self._hands = ThreadPoolExecutor(max_workers=8)
        self._going: list[tuple[Home, Future[Leftovers]]] = []

    def go(self, runner: Runner, home: Home) -> None:
        """Begin to remove it."""
        self._going.append((home, self._hands.submit(runner.remove, home, log=print)))

    def gone(self) -> None:
        """Wait until nothing of any of them is left."""
        self._hands.shutdown()
        left = {home.environment: removal.result().objects for home, removal in self._going}
        assert not any(left.values()), {environment: objects for environment, objects in left.items() if objects}


leaving = Leaving()
"""Of this process; conftest.py waits for it when the last test has ended."""
