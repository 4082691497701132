"""Lanes in SQL: who may carry which one out, and for how long; what a wish changes is decided in the core."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, delete, insert, select, update

from bot.core import report as reports
from bot.core.deciding.lane import settle as settled
from bot.core.deciding.lane import take
from bot.core.deciding.missed import Seen
from bot.core.errors import Overtaken
from bot.core.events import Ignored, PullKey, Removed, Renamed, Want, Wish
from bot.core.names import EnvironmentId
from bot.core.report import Report
from bot.core.standing import Standing
from bot.core.telling.found import found
from bot.inbox import approvals, leases
from bot.inbox.leases import Lease
from bot.inbox.rows import lane_columns, read_claim, read_lane, read_times, time_columns
from bot.inbox.schema import chunks, lanes
from bot.inbox.texts import SEEN, WISH
from bot.inbox.values import Beat, Claim, Stored

# Built once: building a statement costs more than carrying it out.
_LANE = select(lanes).where(lanes.c.environment == bindparam("environment")).with_for_update()
_BEGIN = insert(lanes)
_CHANGE = update(lanes).where(lanes.c.environment == bindparam("which"))


def wish(connection: Connection, wish: Wish, now: datetime, *, above: int = 0) -> Stored | Ignored:
    """Take a wish up; a new generation is due at once. A new lane begins `above` what is remembered elsewhere."""
    environment = wish.key.environment
    row = connection.execute(_LANE, {"environment": environment}).first()
    taken = take(read_lane(row) if row else None, wish)
    if isinstance(taken, Ignored):
        return taken
    columns = lane_columns(taken)
    if row is None:
        taken = replace(taken, generation=above + 1)
        connection.execute(_BEGIN, {"environment": environment, "due_at": now, "turn": 0, **columns})
    else:
        due_at = now if taken.generation > row.generation else row.due_at
        connection.execute(_CHANGE, {"which": environment, "due_at": due_at, **columns})
    return Stored(environment=environment, generation=taken.generation)


def learn(connection: Connection, key: PullKey, repository: str, *, stands: Standing | None, now: datetime) -> None:
    """Begin a lane with what stands, and with whose word it does; one that is there stays as it is."""
    environment = key.environment
    if connection.execute(_LANE, {"environment": environment}).first() is not None:
        return
    lane, report = found(key, repository, stands, now)
    columns = {"environment": environment, "turn": 0, **lane_columns(lane)}
    if stands is not None and report is not None:
        columns |= {"report": reports.dumps(report), "report_generation": report.generation}
        columns |= time_columns(stands.lifetime)
        if stands.allowed is not None:
            approvals.vouch(connection, environment, stands.allowed, now)
    connection.execute(_BEGIN, columns)


def rename(connection: Connection, told: Renamed) -> Ignored:
    """Let every lane of the repository say its new name; nothing is to be done for it."""
    for row in connection.execute(select(lanes).where(_of(told.forge, told.repository)).with_for_update()):
        lane = read_lane(row)
        columns = lane_columns(replace(lane, wish=replace(lane.wish, repository=told.name)))
        if row.report:
            columns["report"] = reports.dumps(replace(reports.loads(row.report), repository=told.name))
        connection.execute(_CHANGE, {"which": row.environment, **columns})
    return Ignored(f"the repository is called {told.name} now; its previews are kept by its number and stay")


def remove(connection: Connection, told: Removed, now: datetime) -> Stored | Ignored:
    """Wish every lane of these repositories away; what is told is the last of them."""
    taken: Stored | Ignored = Ignored("nothing stands of what the forge shows no more")
    gone = frozenset(told.repositories)
    for row in list(connection.execute(select(lanes).where(_of(told.forge)))):
        lane = read_lane(row)
        if lane.wish.key.repository not in gone or (lane.wish.want is Want.DELETE and not lane.due):
            continue
        away = Wish(
            key=lane.wish.key,
            repository=lane.wish.repository,
            want=Want.DELETE,
            sha=None,
            actor=told.actor,
            actor_id=told.actor_id,
            why=told.why,
            final=told.final,
        )
        done = wish(connection, away, now)
        taken = done if isinstance(done, Stored) else taken
    return taken


def _of(forge: str, repository: str = "") -> ColumnElement[bool]:
    """The lanes of a forge, or of one repository there."""
    prefix = f"{forge}-{repository}-" if repository else f"{forge}-"
    return lanes.c.environment.startswith(prefix, autoescape=True)


def claim(connection: Connection, lease: Lease, environment: EnvironmentId | None) -> Claim | None:
    """Give one due lane that nobody carries out to the lease's owner."""
    meant = () if environment is None else (lanes.c.environment == environment,)
    row = leases.take(connection, lanes, lease, *meant, order="due_at", count="turn")
    return read_claim(row) if row else None


def beat(connection: Connection, claim: Claim, *, now: datetime, lease: float) -> Beat:
    """Extend the lease where the lane is still the claim's."""
    extended = update(lanes).where(_held(claim)).values(lease_until=now + timedelta(seconds=lease))
    held = connection.execute(extended).rowcount == 1
    newest = select(lanes.c.generation, lanes.c.wish).where(lanes.c.environment == claim.environment)
    row = connection.execute(newest).first()
    if row is None:
        return Beat(held=False, generation=claim.lane.generation, want=claim.lane.current.want)
    return Beat(held=held, generation=row.generation, want=WISH.read(row.wish).want)


def tell(connection: Connection, claim: Claim, report: Report) -> None:
    """Keep the report, unless that of a newer generation is kept; the state is the newest generation's."""
    row = owned(connection, claim)
    values: dict[str, Any] = {}
    if report.generation >= (row.report_generation or 0):
        values |= {"report": reports.dumps(report), "report_generation": report.generation}
    if report.generation == row.generation:
        values["state"] = str(report.state)
    if values:
        connection.execute(update(lanes).where(_held(claim)).values(values))


def saw(connection: Connection, claim: Claim, seen: Seen) -> None:
    """Keep what its turn has seen of the pull; of a lane that is another's by now nothing is kept."""
    connection.execute(update(lanes).where(_held(claim)).values(seen=SEEN.of(seen)))


def rest(connection: Connection, claim: Claim, state: reports.State) -> None:
    """Keep the state, unless a newer generation has one of its own."""
    row = owned(connection, claim)
    if row.generation == claim.lane.generation:
        connection.execute(update(lanes).where(_held(claim)).values(state=str(state)))


def settle(connection: Connection, claim: Claim, *, now: datetime, again: datetime | None) -> None:
    """Hand the lane back; done for good, or to be tried again. A newer generation stays due either way."""
    row = owned(connection, claim)
    values: dict[str, Any] = {**leases.BACK}
    if row.generation > claim.lane.generation:
        values["settled"] = claim.lane.generation
    elif again is not None:
        values |= {"tries": row.tries + 1, "due_at": again}
    else:
        lane = settled(read_lane(row))
        state = {} if lane.due else {"state": row.state}
        changed = not claim.lane.due and read_times(row) != claim.times
        values |= {**lane_columns(lane), **state, "due_at": now if lane.due or changed else None}
    connection.execute(update(lanes).where(_held(claim)).values(values))


def release(connection: Connection, claim: Claim, *, now: datetime, above: int = 0) -> None:
    """Hand the lane back undone; one that is another's by now stays so. It goes on `above` what is remembered."""
    generation = case((lanes.c.generation <= above, above + 1), else_=lanes.c.generation)
    values = {**leases.BACK, "due_at": now, "generation": generation}
    connection.execute(update(lanes).where(_held(claim)).values(values))


def forget(connection: Connection, environment: EnvironmentId, *, now: datetime) -> None:
    """Drop all that is known of an environment, unless something is still to be done; forgetting nothing is fine."""
    idle = and_(lanes.c.due_at.is_(None), leases.free(lanes, now))
    if connection.execute(delete(lanes).where(lanes.c.environment == environment, idle)).rowcount:
        connection.execute(delete(chunks).where(chunks.c.environment == environment))


def owned(connection: Connection, claim: Claim) -> Row[Any]:
    """The claim's row, locked until the transaction ends; raises `Overtaken` where it is no longer the claim's."""
    row = connection.execute(select(lanes).where(_held(claim)).with_for_update()).first()
    if row is None:
        raise Overtaken(
            f"{claim.environment} is no longer {claim.owner}'s: its lease was over and another took it; stop here"
        )
    return row


def _held(claim: Claim) -> ColumnElement[bool]:
    return and_(lanes.c.environment == claim.environment, lanes.c.owner == claim.owner, lanes.c.turn == claim.turn)
