"""Waits for an image that somebody else is still making."""

import time
from collections.abc import Callable

from bot.core.wire import Cancel, Log
from builders.base import Built, Unbuilt

_FIRST, _LONGEST = 2.0, 30.0
"""Seconds between two looks: the first, doubled up to the last."""


def awaited(
    look: Callable[[], Built | Unbuilt],
    image: str,
    *,
    seconds: float,
    log: Log,
    cancel: Cancel,
    first: float = _FIRST,
) -> Built | Unbuilt:
    """Look until the image is there or the time is over; what is found out at the end is told."""
    found = look()
    began, pause = time.monotonic(), first
    while True:
        left = began + seconds - time.monotonic()
        if isinstance(found, Built) or found.cancelled or seconds <= 0:
            return found
        if left <= 0:
            return Unbuilt(why=f"{found.why}; it was waited for {seconds:.0f} s", file=found.file, line=found.line)
        log(f"{image} is not there yet; looking again for {left:.0f} s")
        if cancel.wait(min(pause, left)):
            return Unbuilt(why=f"waiting for {image} was cancelled", cancelled=True)
        pause = min(pause * 2, _LONGEST)
        found = look()
