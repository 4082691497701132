"""Asking a container whether it is up."""

import time
from collections.abc import Callable

from bot.core.group import Ended, Fate, Probe, ProbeKind
from runners._memory.container import Container

_GLANCE = 0.01
_STANDS = 0.05
"""Seconds that a main without a probe must have run to count as up; time is short here."""


def brought_up(container: Container, unwanted: Callable[[], bool]) -> Ended | None:
    """Wait until a main is up, begun again as often as it may fail; why not, if it never came up."""
    ends = time.monotonic() + container.one.max_duration
    for left in range(container.one.restarts, -1, -1):
        verdict = _watched(container, unwanted, ends, stands=_STANDS)
        if verdict is None or verdict.fate is not Fate.EXITED or not left:
            return verdict
        container.begin()
    return None


def unfit(container: Container, unwanted: Callable[[], bool]) -> Ended | None:
    """Wait until what is kept running is healthy, or runs where it has no health; why it is not."""
    return _watched(container, unwanted, time.monotonic() + container.one.max_duration, stands=0)


def _watched(container: Container, unwanted: Callable[[], bool], ends: float, *, stands: float) -> Ended | None:
    began = time.monotonic()
    while not container.over:
        answer = _answer(container, lasted=time.monotonic() - began, stands=stands)
        if answer is None:
            return None
        if unwanted():
            return Ended(fate=Fate.CANCELLED)
        if time.monotonic() >= ends:
            return Ended(fate=Fate.UNHEALTHY, detail=answer)
        container.wait(_GLANCE)
    return container.ended()


def _answer(container: Container, *, lasted: float, stands: float) -> str | None:
    probe = container.one.health
    if probe is None or container.unknown:
        return None if lasted >= stands else "it has not run long enough yet"
    return "it was not asked yet" if lasted < probe.after else _asked(container, probe)


def _asked(container: Container, probe: Probe) -> str | None:
    if probe.kind is ProbeKind.EXEC:
        code, said = container.ask(probe.command)
        return None if code == 0 else said or f"exit code {code}"
    site = container.network.ports.get(probe.port)
    if site is None:
        return f"nothing listens at port {probe.port}"
    if probe.kind is ProbeKind.HTTP and site.page(probe.path) is None:
        return f"HTTP 404 at {probe.path} of port {probe.port}"
    return None
