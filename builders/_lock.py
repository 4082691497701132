"""Locks between processes: one holder at a time, let go by the kernel when the holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.wire import Cancel

_PAUSE = 0.1


@contextmanager
def held(path: Path, cancel: Cancel | None) -> Iterator[bool]:
    """Hold the lock of that name; False where it was given up. Without `cancel` it is tried only once."""
    handle = _take(path, cancel)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            path.unlink(missing_ok=True)
            os.close(handle)


def _take(path: Path, cancel: Cancel | None) -> int | None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        if _locked(handle):
            if _same(handle, path):
                return handle
            os.close(handle)  # its last holder has removed the file: what we hold is nobody's lock any more
            continue
        os.close(handle)
        if cancel is None or cancel.wait(_PAUSE):
            return None


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
