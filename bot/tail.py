"""A step's log on its way: masked line by line, kept by the inbox, its last lines at hand for the report."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from bot.core.wire import Log, begin_anew, tell

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
        self.many((line,))

    def many(self, lines: Sequence[str]) -> None:
        """Mask these lines, keep them and pass them on."""
        masked = self._masked(lines)
        self.count += len(masked)
        self._last.extend(masked[-LENGTH:])
        tell(self._log, masked)

    def anew(self) -> None:
        """Pass it on."""
        begin_anew(self._log)

    @property
    def last(self) -> tuple[str, ...]:
        """The last lines, oldest first, without what became secret since they came."""
        return tuple(map(self._mask, self._last))

    def _masked(self, lines: Sequence[str]) -> Sequence[str]:
        """Each line masked by itself, but only where one look at all of them finds anything."""
        whole = "\n".join(lines)
        return lines if self._mask(whole) == whole else tuple(map(self._mask, lines))
