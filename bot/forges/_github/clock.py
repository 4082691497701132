"""This machine's clock beside GitHub's."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.core.telling.checkup import Check, ok, warning
from bot.forges._github.api import Api
from bot.forges._github.request import Request

DRIFT = timedelta(seconds=30)
"""From which on a clock is wrong: tokens and signatures of others have not much more patience."""
_TITLE = "github clock"


def clock(api: Api, asked: Request) -> Check:
    """What GitHub says that the time is when it answers this."""
    before = datetime.now(UTC)
    said = api.headers(asked).get("date", "")
    after = datetime.now(UTC)
    try:
        theirs = parsedate_to_datetime(said)
    except ValueError:
        return ok(_TITLE, "GitHub tells no time")
    if theirs.tzinfo is None:
        return ok(_TITLE, "GitHub tells no time that can be read")
    drift = (before + (after - before) / 2 - theirs).total_seconds()
    if abs(drift) > DRIFT.total_seconds():
        why = f"this machine's clock is {abs(drift):.0f} s {'ahead of' if drift > 0 else 'behind'} GitHub's"
        return warning(_TITLE, why, "let the machine keep its time by NTP")
    return ok(_TITLE, "this machine's clock is GitHub's, within 30 s")
