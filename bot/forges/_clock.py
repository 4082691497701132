"""This machine's clock beside a forge's, as its answers tell it."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.core.telling.checkup import Check, ok, warning

DRIFT = timedelta(seconds=30)
"""From which on a clock is wrong: tokens and signatures of others have not much more patience."""


def beside(title: str, whose: str, said: str, before: datetime, after: datetime) -> Check:
    """The header `Date` of an answer that was asked for before and was there after."""
    try:
        theirs = parsedate_to_datetime(said)
    except ValueError:
        return ok(title, f"{whose} tells no time")
    if theirs.tzinfo is None:
        return ok(title, f"{whose} tells no time that can be read")
    drift = (before + (after - before) / 2 - theirs).total_seconds()
    if abs(drift) > DRIFT.total_seconds():
        why = f"this machine's clock is {abs(drift):.0f} s {'ahead of' if drift > 0 else 'behind'} {whose}'s"
        return warning(title, why, "let the machine keep its time by NTP")
    return ok(title, f"this machine's clock is {whose}'s, within 30 s")


def now() -> datetime:
    """What time this machine believes it is."""
    return datetime.now(UTC)
