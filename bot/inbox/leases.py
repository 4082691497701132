"""Rows that one owner at a time has taken, until its lease is over: lanes, remarks, chores."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, or_, select, update

BACK: dict[str, None] = {"owner": None, "lease_until": None}
"""The columns of a row that was handed back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One owner's, from now on."""

    owner: str
    now: datetime
    seconds: float

    @property
    def columns(self) -> dict[str, Any]:
        """Of a row that it takes."""
        return {"owner": self.owner, "lease_until": self.now + timedelta(seconds=self.seconds)}


def free(table: Table, now: datetime) -> ColumnElement[bool]:
    """Whether nobody has the row."""
    return or_(table.c.owner.is_(None), table.c.lease_until <= now)


def take(
    connection: Connection, table: Table, lease: Lease, *where: ColumnElement[bool], order: str, count: str
) -> Row[Any] | None:
    """Take the first due row that nobody has, and count that it was taken; of several bots each gets another."""
    (key,) = table.primary_key
    due = select(key).where(table.c.due_at <= lease.now, free(table, lease.now), *where)
    first = due.order_by(table.c[order], key).limit(1).with_for_update(skip_locked=True)
    counted: Column[int] = table.c[count]
    taken = update(table).where(key == first.scalar_subquery()).values({**lease.columns, count: counted + 1})
    return connection.execute(taken.returning(table)).first()
