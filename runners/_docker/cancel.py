"""A cancel made of two: the one from outside, and one of our own. Each may be missing."""

import threading
import time

from bot.core.wire import Cancel

_GLANCE = 0.1


class Either:
    """Set once one of the two is."""

    def __init__(self, one: Cancel | None, other: threading.Event | None = None) -> None:
        self._one = one
        self._other = other or threading.Event()

    def is_set(self) -> bool:
        """Whether nobody wants it any more."""
        return self._other.is_set() or (self._one is not None and self._one.is_set())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nobody wants it any more, or `timeout` seconds; whether that came."""
        ends = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = _GLANCE if ends is None else min(ends - time.monotonic(), _GLANCE)
            if left <= 0:
                return False
            (self._other if self._one is None else self._one).wait(left)
        return True
