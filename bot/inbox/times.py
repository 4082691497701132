"""When each environment sleeps, is announced to end, and ends; what that means is decided in the core."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, and_, or_, select, update

from bot.core.deciding.turns import lapsed
from bot.core.events import Ignored, Want
from bot.core.lifetime import Lifetime, ending, extended
from bot.core.names import EnvironmentId
from bot.inbox import lanes as rows
from bot.inbox.rows import read_lane, read_status, read_times, time_columns
from bot.inbox.schema import lanes
from bot.inbox.values import Claim, Status, Stored

_RESTS = lanes.c.settled == lanes.c.generation
"""Nothing is to be done in it; a deploy or delete under way has its own word on the times."""


def live(connection: Connection, claim: Claim, times: Lifetime) -> None:
    """Keep the times of a lane that is being carried out; raises `Overtaken` where it is another's by now."""
    rows.owned(connection, claim)
    connection.execute(_change(claim.environment).values(time_columns(times)))


def extend(
    connection: Connection, environment: EnvironmentId, by: timedelta, *, most: timedelta, now: datetime
) -> datetime | Ignored:
    """Put its times off; the lane is due, so that the environment and the pull learn of it."""
    row = connection.execute(select(lanes).filter_by(environment=environment).with_for_update()).first()
    if row is None:
        return Ignored(f"there is no environment {environment}")
    lane = read_lane(row)
    if lane.wish.want is Want.DELETE:
        return Ignored("it is being deleted" if lane.due else "it is deleted; a deploy brings it back")
    if lane.due:
        return Ignored(f"something is under way in {environment}, after which its time begins anew; say it again then")
    times = extended(read_times(row), by, most=most, now=now)
    if isinstance(times, Ignored):
        return times
    connection.execute(_change(environment).values(**time_columns(times), due_at=now))
    end = ending(times)
    return end if end is not None else now


def lapse(connection: Connection, now: datetime) -> tuple[Stored, ...]:
    """Wish away what has reached its end, and to sleep what has come to that."""
    over = select(lanes).where(_RESTS, or_(lanes.c.expires_at <= now, lanes.c.sleeps_at <= now)).with_for_update()
    taken = []
    for row in list(connection.execute(over)):
        times, status = read_times(row), read_status(row, now)
        ends = times.expires_at is not None and times.expires_at <= now
        rest = Lifetime() if ends else replace(times, sleeps_at=None)
        connection.execute(_change(row.environment).values(time_columns(rest)))
        wish = lapsed(status.lane, status.report, Want.DELETE if ends else Want.STOP)
        if isinstance(stored := rows.wish(connection, wish, now), Stored):
            taken.append(stored)
    return tuple(taken)


def lapsing(connection: Connection, now: datetime) -> tuple[Status, ...]:
    """What `lapse` would act on."""
    return _found(connection, or_(lanes.c.expires_at <= now, lanes.c.sleeps_at <= now), now)


def ending_soon(connection: Connection, now: datetime) -> tuple[Status, ...]:
    """Whose end is to be announced."""
    return _found(connection, and_(lanes.c.warns_at <= now, lanes.c.expires_at > now), now)


def announced(connection: Connection, environment: EnvironmentId, times: Lifetime) -> None:
    """Note that this end was announced; another one that was set meanwhile is still to be."""
    same = lanes.c.expires_at == times.expires_at
    connection.execute(_change(environment).where(same).values(warns_at=None))


def _found(connection: Connection, due: ColumnElement[bool], now: datetime) -> tuple[Status, ...]:
    return tuple(read_status(row, now) for row in connection.execute(select(lanes).where(_RESTS, due)))


def _change(environment: EnvironmentId) -> Update:
    return update(lanes).where(lanes.c.environment == environment)
