"""Bringing a service up in memory: a candidate beside what serves, asked until it is up."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from bot.core.group import Ended, Fate, Probe, ProbeKind
from bot.core.wire import Cancel, Log
from runners._memory_container import Container

_STANDS = 0.05
"""Seconds that a service without a probe must have run to count as up; time is short here."""


def brought_up(candidate: Container, log: Log, cancel: Cancel) -> Ended | None:
    """Begin it as often as it may fail, until it is up; why not, if it never came up."""
    ends = time.monotonic() + candidate.group.max_duration
    ended = Ended(fate=Fate.CANCELLED)
    for _ in range(candidate.group.restarts + 1):
        if cancel.is_set():
            return Ended(fate=Fate.CANCELLED)
        told = len(candidate.lines)
        candidate.begin()
        verdict = _asked(candidate, cancel, ends)
        for line in candidate.lines[told:]:
            log(line)
        if verdict is None or verdict.fate is not Fate.EXITED:
            return verdict
        ended = verdict
    return ended


def page(container: Container, port: int, path: str) -> bytes | None:
    """What it answers; None where nothing listens, LookupError where there is no such page."""
    folder = container.served.get(port)
    if folder is None or container.over:
        return None
    found = container.disk.find(f"{folder.rstrip('/')}{'/index.html' if path == '/' else path}")
    if isinstance(found, bytes):
        return found
    raise LookupError(path)


def fetched(url: str, serving: Callable[[str], Container | None]) -> bytes | None:
    """Ask the service that a URL names."""
    parts = urlsplit(url)
    container = serving(parts.hostname or "")
    return page(container, parts.port or 80, parts.path or "/") if container else None


def _asked(candidate: Container, cancel: Cancel, ends: float) -> Ended | None:
    began = time.monotonic()
    while True:
        if candidate.over:
            return candidate.ended()
        answer = _answer(candidate, candidate.group.health, lasted=time.monotonic() - began)
        if answer is None:
            return None
        if time.monotonic() >= ends:
            candidate.kill()
            return Ended(fate=Fate.UNHEALTHY, detail=answer)
        if cancel.wait(0.01):
            candidate.kill()
            return Ended(fate=Fate.CANCELLED)


def _answer(candidate: Container, probe: Probe | None, *, lasted: float) -> str | None:
    if probe is None:
        return None if lasted >= _STANDS else "it has not run long enough yet"
    if lasted < probe.after:
        return "it was not asked yet"
    if probe.kind is ProbeKind.EXEC:
        code, said = candidate.ask(probe.command)
        return None if code == 0 else said or f"exit code {code}"
    if probe.port not in candidate.served:
        return f"nothing listens at port {probe.port}"
    if probe.kind is ProbeKind.TCP:
        return None
    try:
        page(candidate, probe.port, probe.path)
    except LookupError:
        return f"HTTP 404 at {probe.path} of port {probe.port}"
    return None
