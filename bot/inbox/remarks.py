"""Remarks that may be commands: kept until somebody has answered them, each by one worker at a time."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from bot.core.approval import Approval
from bot.core.errors import Overtaken
from bot.core.events import Answer, Commented, Ignored, Wish
from bot.core.lifetime import Extension
from bot.inbox import approvals, lanes, leases, said, times
from bot.inbox.leases import Lease
from bot.inbox.schema import remarks
from bot.inbox.texts import ANSWER, REMARK
from bot.inbox.values import Heard, Stored

Taken = tuple[Stored | Ignored | datetime, ...]
Answering = Callable[[Taken], Answer]
"""What a remark is answered with, by what became of its wishes: of an extension, until when the preview lives."""


def keep(connection: Connection, told: Commented, now: datetime) -> Stored:
    """Keep a remark; it is due at once."""
    environment = told.key.environment
    row = {"environment": environment, "remark": REMARK.of(told), "tries": 0, "due_at": now}
    connection.execute(insert(remarks).values(row))
    return Stored(environment=environment, generation=0)


def hear(connection: Connection, lease: Lease) -> Heard | None:
    """Give one due remark that nobody answers to the lease's owner; those of one environment in their order."""
    before = remarks.alias()
    earlier = select(before.c.id).where(
        before.c.environment == remarks.c.environment,
        before.c.id < remarks.c.id,
        before.c.answer.is_(None),
    )
    row = leases.take(connection, remarks, lease, ~earlier.exists(), order="id", count="tries")
    if row is None:
        return None
    answer = ANSWER.read(row.answer) if row.answer else None
    told = REMARK.read(row.remark)
    again = answer is None and said.known(connection, told)
    return Heard(id=row.id, told=told, owner=lease.owner, tries=row.tries, answer=answer, again=again)


def answered(
    connection: Connection,
    heard: Heard,
    *,
    wishes: tuple[Wish | Extension, ...],
    approved: tuple[Approval, ...],
    answer: Answering,
    now: datetime,
) -> Taken:
    """Take up what the remark comes to, and what is to be told; raises `Overtaken` where it is another's by now."""
    if connection.execute(select(remarks.c.id).where(_held(heard)).with_for_update()).first() is None:
        raise Overtaken(f"the remark {heard.id} is another's by now")
    for approval in approved:
        approvals.keep(connection, heard.told.key.environment, approval)
    said.keep(connection, heard.told, now)
    taken = tuple(_taken_up(connection, wish, now) for wish in wishes)
    connection.execute(update(remarks).where(_held(heard)).values(answer=ANSWER.of(answer(taken))))
    return taken


def _taken_up(connection: Connection, wish: Wish | Extension, now: datetime) -> Stored | Ignored | datetime:
    if isinstance(wish, Wish):
        return lanes.wish(connection, wish, now)
    return times.extend(connection, wish.environment, wish.by, most=wish.most, now=now)


def done(connection: Connection, heard: Heard) -> None:
    """Forget the remark, whose delivery is known for good; one that is another's by now stays."""
    connection.execute(delete(remarks).where(_held(heard)))


def defer(connection: Connection, heard: Heard, again: datetime) -> None:
    """Hand the remark back undone; one that is another's by now stays so."""
    connection.execute(update(remarks).where(_held(heard)).values(due_at=again, **leases.BACK))


def _held(heard: Heard) -> ColumnElement[bool]:
    return and_(remarks.c.id == heard.id, remarks.c.owner == heard.owner, remarks.c.tries == heard.tries)
