"""Deliveries, lanes, outcomes and logs in SQL: what must not be lost, kept by every process alike; decides nothing."""

from typing import TYPE_CHECKING, Any

from bot.inbox.values import Beat, Chore, Claim, Done, Heard, Status, Stored

if TYPE_CHECKING:
    from bot.inbox.inbox import Inbox
    from bot.inbox.logbook import LogBook

__all__ = ["Beat", "Chore", "Claim", "Done", "Heard", "Inbox", "LogBook", "Status", "Stored"]


def __getattr__(name: str) -> Any:
    """Import SQLAlchemy only where an inbox is opened."""
    if name == "Inbox":
        from bot.inbox.inbox import Inbox

        return Inbox
    if name == "LogBook":
        from bot.inbox.logbook import LogBook

        return LogBook
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
