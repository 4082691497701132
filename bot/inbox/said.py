"""Which remarks were answered: one is heard once, whatever number a delivery that tells of it has."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from bot.core.events import Commented, Remark
from bot.inbox.schema import said


def known(connection: Connection, told: Commented) -> bool:
    """Whether the remark was answered before; a button has no number, and may be pressed again."""
    if told.remark is None:
        return False
    same = select(said.c.remark).filter_by(**_key(told, told.remark))
    return connection.execute(same).first() is not None


def keep(connection: Connection, told: Commented, now: datetime) -> None:
    """Keep that it was."""
    if told.remark is not None and not known(connection, told):
        connection.execute(insert(said).values(**_key(told, told.remark), answered_at=now))


def _key(told: Commented, remark: Remark) -> dict[str, str]:
    return {"environment": told.key.environment, "kind": remark.kind, "remark": remark.id}
