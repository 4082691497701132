"""Pulls, their events and wishes, and a clock that is set by hand."""

import hashlib
from datetime import UTC, datetime, timedelta

from bot.core.events import Event, Happening, PullKey, Want, Wish
from bot.core.names import Sha


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


def key(number: int = 1) -> PullKey:
    return PullKey(forge="github", repository="17", number=number)


def sha(number: int) -> Sha:
    return Sha(f"{number:040x}")


def event(delivery: str, *, number: int = 1, commit: int = 1, happening: Happening = Happening.PUSHED) -> Event:
    return Event(
        delivery=delivery,
        happening=happening,
        key=key(number),
        repository="acme/shop",
        sha=sha(commit),
        actor="ada",
    )


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def wished(want: Want = Want.DEPLOY, *, number: int = 1, commit: int | None = 1, person: bool = False) -> Wish:
    commit = commit if want is Want.DEPLOY else None
    return Wish(
        key=key(number),
        repository="acme/shop",
        want=want,
        sha=None if commit is None else sha(commit),
        actor="grace" if person else "ada",
        why="a test wants it",
        person=person,
    )
