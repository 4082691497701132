"""What is to be done from time to time by one bot of all that serve: each claimed for a lease."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, and_, insert, select, update

from bot.inbox.database import Database
from bot.inbox.leases import BACK, Lease
from bot.inbox.schema import chores
from bot.inbox.values import Chore, Done


class Chores:
    """Every method is one transaction, durable on return, and may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def take(self, names: Sequence[str], owner: str, *, lease: float) -> Chore | None:
        """Take one of these chores if it is due and nobody does it, for `lease` seconds."""
        now = self._clock()
        # Asked every few seconds, and hardly ever with a yes: so no writer is held up by it.
        if not self._database.read(lambda connection: _due(connection, names, now)):
            return None
        by = Lease(owner=owner, now=now, seconds=lease)
        return self._database.write(lambda connection: _take(connection, names, by))

    def end(self, chore: Chore, *, again: datetime, done_at: datetime | None, note: str) -> None:
        """Hand a chore back, due once more at `again`; `done_at` is when it was begun, if it could be done."""
        held = and_(chores.c.name == chore.name, chores.c.owner == chore.owner)
        done = {} if done_at is None else {"done_at": done_at}
        back = {**BACK, "due_at": again, "note": note, **done}
        self._database.execute(update(chores).where(held).values(back))

    def hasten(self, names: Sequence[str], *, after: timedelta) -> None:
        """Let these chores be due no later than after this time, whenever they were done last."""
        by = self._clock() + after
        later = and_(chores.c.name.in_(names), chores.c.due_at > by)
        self._database.execute(update(chores).where(later).values(due_at=by))

    def unasked(self, names: Sequence[str]) -> None:
        """Somebody has decided what was noted of these chores."""
        self._database.execute(update(chores).where(chores.c.name.in_(names)).values(note=""))

    def all(self) -> tuple[Done, ...]:
        """How each stands."""
        query = select(chores).order_by(chores.c.name)
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return tuple(Done(name=row.name, due_at=row.due_at, done_at=row.done_at, note=row.note) for row in rows)


def _due(connection: Connection, names: Sequence[str], now: datetime) -> bool:
    rows = {row.name: row for row in connection.execute(select(chores))}
    return any(name not in rows or _free(rows[name], now) for name in names)


def _take(connection: Connection, names: Sequence[str], lease: Lease) -> Chore | None:
    for name in names:
        row = connection.execute(select(chores).filter_by(name=name).with_for_update()).first()
        if row is None:
            connection.execute(insert(chores).values(name=name, due_at=lease.now, note=""))
        elif not _free(row, lease.now):
            continue
        connection.execute(update(chores).filter_by(name=name).values(lease.columns))
        return Chore(name=name, owner=lease.owner, done_at=row.done_at if row else None)
    return None


def _free(row: Row[tuple[object, ...]], now: datetime) -> bool:
    return bool(row.due_at <= now and (row.owner is None or row.lease_until <= now))
