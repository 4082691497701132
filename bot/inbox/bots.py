"""Which bots serve this inbox: each says so again before its word runs out."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from bot.inbox.schema import bots


def serving(connection: Connection, owner: str, *, now: datetime, lease: float) -> None:
    """Note that this bot serves until its lease is over."""
    until = now + timedelta(seconds=lease)
    if connection.execute(update(bots).where(bots.c.owner == owner).values(until=until)).rowcount == 0:
        connection.execute(insert(bots).values(owner=owner, until=until))
    connection.execute(delete(bots).where(bots.c.until <= now))


def leave(connection: Connection, owner: str) -> None:
    """Note that this bot serves no more."""
    connection.execute(delete(bots).where(bots.c.owner == owner))


def served(connection: Connection, now: datetime) -> bool:
    """Whether any bot serves."""
    return connection.execute(select(bots.c.owner).where(bots.c.until > now).limit(1)).first() is not None
