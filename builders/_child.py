"""Child processes that end when nobody wants them any more."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum

from bot.core.wire import Cancel

_LOOK = 1.0
_GRACE = 1.5
_BIND = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGINT)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


class Stopped(StrEnum):
    """Why a child was stopped."""

    CANCELLED = "cancelled"
    TOO_LONG = "took too long"


class Guard:
    """Watches one child that leads a process group of its own."""

    def __init__(self, child: "subprocess.Popen[bytes]", cancel: Cancel, seconds: float) -> None:
        self.stopped: Stopped | None = None
        self._child = child
        self._cancel = cancel
        self._deadline = time.monotonic() + seconds
        self._left = threading.Event()

    def watch(self) -> None:
        """Stop the group when it is cancelled or late; return when it is left."""
        while not self._left.is_set() and self.stopped is None:
            if self._cancel.wait(min(_LOOK, max(0.0, self._deadline - time.monotonic()))):
                self._stop(Stopped.CANCELLED)
            elif time.monotonic() >= self._deadline:
                self._stop(Stopped.TOO_LONG)

    def leave(self) -> None:
        """End the watch; what still runs is stopped."""
        self._left.set()
        if self._child.poll() is None:
            self._end()

    def _stop(self, why: Stopped) -> None:
        # What has ended by itself was not stopped, however late this look comes.
        if not self._left.is_set() and self._child.returncode is None:
            self.stopped = why
            self._end()

    def _end(self) -> None:
        self._signal(signal.SIGINT)
        try:
            self._child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        # A child that was waited for may have given its number to another process.
        if self._child.returncode is None:
            os.killpg(self._child.pid, number)


@contextmanager
def guarded(child: "subprocess.Popen[bytes]", cancel: Cancel, *, seconds: float) -> Iterator[Guard]:
    """Stop the child's whole group on `cancel`, after `seconds`, and when the block is left."""
    guard = Guard(child, cancel, seconds)
    threading.Thread(target=guard.watch, name=f"guard of {child.pid}", daemon=True).start()
    try:
        yield guard
    finally:
        guard.leave()


def bound(argv: Sequence[str]) -> list[str]:
    """The same command, interrupted by the kernel when the thread that started it is no more, even by `kill -9`."""
    return [sys.executable, "-I", "-S", "-c", _BIND, str(os.getpid()), *argv] if sys.platform == "linux" else [*argv]
