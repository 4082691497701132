"""A step's log on its way: masked line by line, kept by the inbox, its last lines at hand for the report."""

from collections import deque
from typing import Protocol

from bot.core.masking import Masker
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

    def __init__(self, log: Log, masker: Masker) -> None:
        self._log = log
        self._masker = masker
        self._last: deque[str] = deque(maxlen=LENGTH)

    def __call__(self, line: str) -> None:
        """Mask the line, keep it and pass it on."""
        masked = self._masker.mask(line)
        self._last.append(masked)
        self._log(masked)

    @property
    def last(self) -> tuple[str, ...]:
        """The last lines, oldest first."""
        return tuple(self._last)
