"""When each environment sleeps, is announced to end, and ends; what that means is decided in the core."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, and_, or_, select, update

from bot.core.deciding.turns import lapsed
from bot.core.events import Ignored, Want
from bot.core.lifetime import LONGEST, MOST, Lifetime, ending, extended
from bot.core.names import EnvironmentId
from bot.inbox import lanes as rows
from bot.inbox.bell import Bell
from bot.inbox.database import Database
from bot.inbox.rows import read_lane, read_status, read_times, time_columns
from bot.inbox.schema import lanes
from bot.inbox.values import Claim, Status, Stored

_RESTS = lanes.c.settled == lanes.c.generation
"""Nothing is to be done in it; a deploy or delete under way has its own word on the times."""


class Times:
    """Every method is one transaction, durable on return, and may be called from any thread."""

    def __init__(self, database: Database, bell: Bell, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._bell = bell
        self._clock = clock

    def keep(self, claim: Claim, times: Lifetime) -> None:
        """Keep when the claim's environment sleeps and ends; raises `Overtaken` where it is another's by now."""
        self._database.write(lambda connection: _keep(connection, claim, times))

    def extend(self, environment: EnvironmentId, seconds: float, *, most: timedelta = LONGEST) -> datetime | Ignored:
        """Put its end off, or else its sleep; when it will be, or why not. `most` is how far from now that may lie."""
        now, by = self._clock(), timedelta(seconds=min(seconds, MOST.total_seconds()))
        until = self._database.write(lambda connection: extend(connection, environment, by, most=most, now=now))
        self._bell.ring()
        return until

    def lapse(self) -> tuple[Stored, ...]:
        """Wish away what has reached its end, and to sleep what has come to that."""
        now = self._clock()
        taken = self._database.write(lambda connection: _lapse(connection, now))
        self._bell.ring()
        return taken

    def lapsing(self) -> tuple[Status, ...]:
        """What `lapse` would act on now."""
        now = self._clock()
        return self._found(_over(now), now)

    def ending_soon(self) -> tuple[Status, ...]:
        """Whose end is to be announced now."""
        now = self._clock()
        return self._found(and_(lanes.c.warns_at <= now, lanes.c.expires_at > now), now)

    def announced(self, environment: EnvironmentId, times: Lifetime) -> None:
        """Note that this end was announced; another one that was set meanwhile is still to be."""
        same = lanes.c.expires_at == times.expires_at
        self._database.execute(_change(environment).where(same).values(warns_at=None))

    def _found(self, due: ColumnElement[bool], now: datetime) -> tuple[Status, ...]:
        query = select(lanes).where(_RESTS, due)
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return tuple(read_status(row, now) for row in rows)


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


def _keep(connection: Connection, claim: Claim, times: Lifetime) -> None:
    rows.owned(connection, claim)
    connection.execute(_change(claim.environment).values(time_columns(times)))


def _lapse(connection: Connection, now: datetime) -> tuple[Stored, ...]:
    over = select(lanes).where(_RESTS, _over(now)).with_for_update()
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


def _over(now: datetime) -> ColumnElement[bool]:
    return or_(lanes.c.expires_at <= now, lanes.c.sleeps_at <= now)


def _change(environment: EnvironmentId) -> Update:
    return update(lanes).where(lanes.c.environment == environment)
