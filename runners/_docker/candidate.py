"""A container that is to be up: started, asked, started again while it may, and given up."""

import time
from dataclasses import dataclass, field

from bot.core.group import Container, Ended, Fate
from bot.core.wire import Cancel, Log
from runners._docker.cancel import Either
from runners._docker.engine import Engine, Seen, allowed
from runners._docker.fate import fate
from runners._docker.passing import GONE
from runners._docker.probe import ask
from runners._docker.stream import Following, Told

_FIRST_PAUSE = 0.1
_PAUSE = 0.5
_STANDS = 1.0
"""Seconds that a main without a probe must have run to count as up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A container of a service, and what it takes to call it up."""

    engine: Engine
    container: str
    one: Container
    owner: Seen | None
    """Who has its ports; None: itself."""
    log: Log
    cancel: Cancel | None
    begun: bool = False
    """It was started before it came here."""
    began: float = field(default_factory=time.monotonic)

    @property
    def ends(self) -> float:
        """When it must be up."""
        return self.began + self.one.max_duration


def brought_up(candidate: Candidate) -> Ended | None:
    """Wait until it is up; why not, if it never came up."""
    told = Told(candidate.log)
    for number in range(candidate.one.restarts + 1):
        ended = _tried(candidate, told, begun=candidate.begun and number == 0)
        if ended is None or ended.fate not in (Fate.EXITED, Fate.OUT_OF_MEMORY):
            return ended
    return ended


def healthy(candidate: Candidate) -> Ended | None:
    """Wait until what the engine keeps running is healthy; why it is not. Without a health, to have begun will do."""
    if candidate.one.health is None:
        return None
    verdict = _watched(candidate)
    return fate(verdict) if isinstance(verdict, Seen) else verdict


def _tried(candidate: Candidate, told: Told, *, begun: bool) -> Ended | None:
    refused = None if begun else allowed(lambda: candidate.engine.api.start(candidate.container))
    if refused:
        return refused
    following = Following(candidate.engine, candidate.container, told.again())
    verdict = _watched(candidate)
    if not isinstance(verdict, Seen):
        following.end()
        return verdict
    following.rest()
    return fate(candidate.engine.over(verdict.id) or verdict, last_line=told.last)


def _watched(candidate: Candidate) -> Seen | Ended | None:
    """None once it is up, the container where it has ended, else why it was given up."""
    began, pause, cancel = time.monotonic(), _FIRST_PAUSE, candidate.cancel or Either(None)
    every = candidate.one.health.every if candidate.one.health else _PAUSE
    while not cancel.wait(min(pause, max(candidate.ends - time.monotonic(), 0))):
        seen = candidate.engine.seen(candidate.container)
        if seen is None:
            return Ended(fate=Fate.EXITED, detail=GONE)
        if seen.ended:
            return seen
        answer = _answer(candidate, seen, lasted=time.monotonic() - began)
        if answer is None:
            return None
        if time.monotonic() >= candidate.ends:
            return Ended(fate=Fate.UNHEALTHY, detail=answer)
        pause = min(pause * 2, every)
    return Ended(fate=Fate.CANCELLED)


def _answer(candidate: Candidate, seen: Seen, *, lasted: float) -> str | None:
    health = candidate.one.health
    if not seen.running:
        return f"it ended with code {seen.code} and is being started again"
    if health is None:
        return None if lasted >= _STANDS else "it has not run for a second yet"
    return "it was not asked yet" if lasted < health.after else ask(health, seen, candidate.owner or seen)
