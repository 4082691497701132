"""What is to be done from time to time by one bot of all that serve: each claimed for a lease."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from bot.inbox.schema import chores
from bot.inbox.values import Chore, Done


def due(connection: Connection, names: Iterable[str], now: datetime) -> bool:
    """Whether one of these is to be done and nobody does it."""
    rows = {row.name: row for row in connection.execute(select(chores))}
    return any(name not in rows or _free(rows[name], now) for name in names)


def take(connection: Connection, names: Iterable[str], owner: str, *, now: datetime, lease: float) -> Chore | None:
    """Give the first of these that is due and that nobody does to this owner."""
    for name in names:
        row = connection.execute(select(chores).filter_by(name=name).with_for_update()).first()
        if row is None:
            connection.execute(insert(chores).values(name=name, due_at=now, note=""))
        elif not _free(row, now):
            continue
        until = now + timedelta(seconds=lease)
        connection.execute(update(chores).filter_by(name=name).values(owner=owner, lease_until=until))
        return Chore(name=name, owner=owner, done_at=row.done_at if row else None)
    return None


def end(connection: Connection, chore: Chore, *, again: datetime, done_at: datetime | None, note: str) -> None:
    """Hand it back; `done_at` is when it was begun, or None where it could not be done."""
    values = {"owner": None, "lease_until": None, "due_at": again, "note": note}
    if done_at is not None:
        values["done_at"] = done_at
    connection.execute(update(chores).where(_held(chore)).values(values))


def hasten(connection: Connection, names: Iterable[str], by: datetime) -> None:
    """Let each of these that is due later be due by then."""
    later = and_(chores.c.name.in_(tuple(names)), chores.c.due_at > by)
    connection.execute(update(chores).where(later).values(due_at=by))


def unasked(connection: Connection, names: Iterable[str]) -> None:
    """Forget what was noted of these."""
    connection.execute(update(chores).where(chores.c.name.in_(tuple(names))).values(note=""))


def all_of(connection: Connection) -> tuple[Done, ...]:
    """How each stands."""
    rows = connection.execute(select(chores).order_by(chores.c.name))
    return tuple(Done(name=row.name, due_at=row.due_at, done_at=row.done_at, note=row.note) for row in rows)


def _free(row: Row[tuple[object, ...]], now: datetime) -> bool:
    return bool(row.due_at <= now and (row.owner is None or row.lease_until <= now))


def _held(chore: Chore) -> ColumnElement[bool]:
    return and_(chores.c.name == chore.name, chores.c.owner == chore.owner)
