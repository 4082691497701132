"""What an act is given beside its arguments: where its lines go, and how it learns that nobody wants it any more."""

from collections.abc import Callable, Sequence
from typing import Protocol


class Log(Protocol):
    """Takes one line of output at a time, without its line end. Never blocks for long, never raises."""

    def __call__(self, line: str) -> None:
        """Take one line."""
        ...


def tell(log: Log, lines: Sequence[str]) -> None:
    """Give a log these lines: by its `many`, if it has one, since a program may print a million of them a second."""
    many: Callable[[Sequence[str]], None] | None = getattr(log, "many", None)
    if many is not None:
        many(lines)
        return
    for line in lines:
        log(line)


def begin_anew(log: Log) -> None:
    """Tell a log that what comes is not what it was told before from the beginning on, if it cares: by its `anew`."""
    anew: Callable[[], None] | None = getattr(log, "anew", None)
    if anew is not None:
        anew()


class Cancel(Protocol):
    """A `threading.Event`, seen from the side that listens."""

    def is_set(self) -> bool:
        """Whether nobody wants it any more."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nobody wants it any more, or `timeout` seconds; whether that came."""
        ...
