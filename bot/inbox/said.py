"""Which remarks were answered: one is heard once, whatever number a delivery that tells of it has."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection, insert, select

from bot.core.events import Commented
from bot.inbox.schema import deliveries


def known(connection: Connection, told: Commented) -> bool:
    """Whether the remark was answered before; a button has no number, and may be pressed again."""
    if told.remark is None:
        return False
    same = select(deliveries.c.id).filter_by(forge=told.key.forge, delivery=_mark(told))
    return connection.execute(same).first() is not None


def keep(connection: Connection, told: Commented, now: datetime) -> None:
    """Keep that it was; its row is beside those of deliveries, of which none has a blank in its number."""
    if told.remark is None or known(connection, told):
        return
    row = {
        "forge": told.key.forge,
        "delivery": _mark(told),
        "digest": hashlib.sha256(_mark(told).encode()).hexdigest(),
        "environment": told.key.environment,
        "event": "",
        "received_at": now,
    }
    connection.execute(insert(deliveries).values(row))


def _mark(told: Commented) -> str:
    return f"{told.remark.kind} {told.remark.id} of {told.key.environment}" if told.remark else ""
