"""How long a preview lives: when it sleeps, when its end is announced, when it ends."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.events import Ignored
from bot.core.model import Preview
from bot.core.names import EnvironmentId
from bot.core.units import seconds

NOTICE = timedelta(days=1)
"""How long before its end a preview says so anew; one that lives no longer than that says it in its comment only."""
LONGEST = timedelta(days=30)
"""How far from now an end may be put off, where the operator says nothing else."""
MOST = timedelta(days=3650)
"""More than that is no time to be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """The moments to come; None: it never comes, or has come."""

    sleeps_at: datetime | None = None
    warns_at: datetime | None = None
    expires_at: datetime | None = None
    kept_until: datetime | None = None
    """Somebody asked that it stay until then; a push does not shorten it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Somebody's wish that a preview stay longer; `most` is how far from now its end may lie."""

    environment: EnvironmentId
    by: timedelta
    most: timedelta


def begun(preview: Preview, before: Lifetime, now: datetime) -> Lifetime:
    """The times from the end of a deploy on."""
    expires_at = _after(now, preview.ttl)
    if expires_at is not None and before.kept_until is not None:
        expires_at = max(expires_at, before.kept_until)
    begun = Lifetime(sleeps_at=_after(now, preview.sleep), expires_at=expires_at, kept_until=before.kept_until)
    return _announced(begun, now)


def extended(times: Lifetime, by: timedelta, *, most: timedelta, now: datetime) -> Lifetime | Ignored:
    """The times put off, or why they are not; `most` is how far from now the end may lie."""
    end = ending(times)
    if end is None:
        return Ignored("it neither sleeps nor ends by itself: its spec has no preview.ttl and no preview.sleep")
    if by <= timedelta():
        return Ignored("the time to add must be above zero, like 24h")
    latest = now + most
    if by > most or end + by > latest:
        return Ignored(f"it may be kept until {moment(latest)} at most; now it is until {moment(end)}")
    put_off = replace(
        times,
        sleeps_at=times.sleeps_at and times.sleeps_at + by,
        expires_at=times.expires_at and times.expires_at + by,
    )
    return _announced(replace(put_off, kept_until=put_off.expires_at), now)


def ending(times: Lifetime) -> datetime | None:
    """What an extension puts off first: the end, else the sleep."""
    return times.expires_at or times.sleeps_at


def moment(at: datetime) -> str:
    """`2026-11-28 14:00 UTC`"""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _after(now: datetime, timespan: str | None) -> datetime | None:
    return None if timespan is None else now + timedelta(seconds=seconds(timespan))


def _announced(times: Lifetime, now: datetime) -> Lifetime:
    if times.expires_at is None or times.expires_at - NOTICE <= now:
        return replace(times, warns_at=None)
    return replace(times, warns_at=times.expires_at - NOTICE)
