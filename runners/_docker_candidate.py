"""A container that is to be up: started, asked, started again while it may, and given up."""

import time
from dataclasses import dataclass, field

from bot.core.group import Ended, Fate, Group
from bot.core.wire import Cancel, Log
from runners._docker_engine import Engine, Seen, allowed
from runners._docker_fate import fate
from runners._docker_probe import ask
from runners._docker_stream import Following, Told

GONE = "its container was removed by somebody else"
_FIRST_PAUSE = 0.1
_PAUSE = 0.5
_STANDS = 1.0
"""Seconds that a service without a probe must have run to count as up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A container of a service, and what it takes to call it up."""

    engine: Engine
    container: str
    group: Group
    log: Log
    cancel: Cancel
    began: float = field(default_factory=time.monotonic)

    @property
    def ends(self) -> float:
        """When it must be up."""
        return self.began + self.group.max_duration


def brought_up(candidate: Candidate) -> Ended | None:
    """Wait until it is up; why not, if it never came up."""
    told = Told(candidate.log)
    for _ in range(candidate.group.restarts + 1):
        ended = _tried(candidate, told)
        if ended is None or ended.fate not in (Fate.EXITED, Fate.OUT_OF_MEMORY):
            return ended
    return ended


def _tried(candidate: Candidate, told: Told) -> Ended | None:
    if refused := allowed(lambda: candidate.engine.api.start(candidate.container)):
        return refused
    following = Following(candidate.engine, candidate.container, told.again())
    verdict = _watched(candidate)
    if not isinstance(verdict, Seen):
        following.end()
        return verdict
    following.rest()
    return fate(verdict, candidate.group, last_line=told.last)


def _watched(candidate: Candidate) -> Seen | Ended | None:
    """None once it is up, the container where it has ended, else why it was given up."""
    began, pause = time.monotonic(), _FIRST_PAUSE
    every = candidate.group.health.every if candidate.group.health else _PAUSE
    while not candidate.cancel.wait(min(pause, max(candidate.ends - time.monotonic(), 0))):
        seen = candidate.engine.seen(candidate.container)
        if seen is None:
            return Ended(fate=Fate.EXITED, detail=GONE)
        if seen.ended:
            return seen
        answer = _answer(candidate.group, seen, lasted=time.monotonic() - began)
        if answer is None:
            return None
        if time.monotonic() >= candidate.ends:
            return Ended(fate=Fate.UNHEALTHY, detail=answer)
        pause = min(pause * 2, every)
    return Ended(fate=Fate.CANCELLED)


def _answer(group: Group, seen: Seen, *, lasted: float) -> str | None:
    if not seen.running:
        return "it is being restarted"
    if group.health is None:
        return None if lasted >= _STANDS else "it has not run for a second yet"
    return "it was not asked yet" if lasted < group.health.after else ask(group.health, seen)
