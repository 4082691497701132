"""What was decided of each environment, the newest few."""

from dataclasses import replace

from sqlalchemy import Connection, Select, delete, insert, select

from bot.core.deciding.missed import Seen
from bot.core.decision import Decision
from bot.core.names import EnvironmentId
from bot.inbox import lanes
from bot.inbox.schema import decisions
from bot.inbox.texts import DECISION
from bot.inbox.values import Claim

MOST = 50
"""How many are kept of one environment."""


def made(connection: Connection, claim: Claim, decision: Decision, seen: Seen | None) -> None:
    """Keep what a turn has decided, and on which sight of the pull, unless the lane is another's by now."""
    keep(connection, claim.environment, decision)
    if seen is not None:
        lanes.saw(connection, claim, seen)


def keep(connection: Connection, environment: EnvironmentId, decision: Decision) -> None:
    """Keep one more, and let the oldest go; the same once more, as at another try, is no news."""
    newest = connection.execute(_of(environment).limit(1)).scalar()
    if newest is not None and replace(DECISION.read(newest), at=decision.at) == decision:
        return
    connection.execute(insert(decisions).values(environment=environment, decision=DECISION.of(decision)))
    of_it = select(decisions.c.id).filter_by(environment=environment).order_by(decisions.c.id.desc())
    last_kept = connection.execute(of_it.offset(MOST - 1).limit(1)).scalar()
    if last_kept is not None:
        gone = delete(decisions).where(decisions.c.environment == environment, decisions.c.id < last_kept)
        connection.execute(gone)


def found(connection: Connection, environment: EnvironmentId) -> tuple[Decision, ...]:
    """All that are kept, the newest first."""
    return tuple(DECISION.read(text) for text in connection.execute(_of(environment)).scalars())


def _of(environment: EnvironmentId) -> Select[str]:
    return select(decisions.c.decision).filter_by(environment=environment).order_by(decisions.c.id.desc())
