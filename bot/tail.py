"""A step's log on its way: masked line by line, kept by the inbox, its last lines at hand for the report."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from bot.core.wire import Log

LENGTH = 40
"""Lines of a failed step that its report shows."""


class Book(Protocol):
    """A log that can be closed: one attempt's."""

    def __call__(self, line: str) -> None:
        """Take one line."""
        ...

    def close(self) -> None:
        """Keep all that was taken."""
        ...


class Tail:
    """A log that masks each line, passes it on, and keeps the last ones."""

    def __init__(self, log: Log, mask: Callable[[str], str]) -> None:
        self._log = log
        self._mask = mask
        self._last: deque[str] = deque(maxlen=LENGTH)
        self.count = 0
        """How many lines it took."""

    def __call__(self, line: str) -> None:
        """Mask the line, keep it and pass it on."""
        masked = self._mask(line)
        self.count += 1
        self._last.append(masked)
        self._log(masked)

    @property
    def last(self) -> tuple[str, ...]:
        """The last lines, oldest first, without what became secret since they came."""
        return tuple(map(self._mask, self._last))
