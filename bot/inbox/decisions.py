"""What was decided of each environment, the newest few."""

from sqlalchemy import Connection, delete, insert, select

from bot.core.decision import Decision
from bot.core.names import EnvironmentId
from bot.inbox.rows import decision_text, read_decision
from bot.inbox.schema import decisions

MOST = 50
"""How many are kept of one environment."""


def keep(connection: Connection, environment: EnvironmentId, decision: Decision) -> None:
    """Keep one more, and let the oldest go."""
    connection.execute(insert(decisions).values(environment=environment, decision=decision_text(decision)))
    of_it = select(decisions.c.id).filter_by(environment=environment).order_by(decisions.c.id.desc())
    last_kept = connection.execute(of_it.offset(MOST - 1).limit(1)).scalar()
    if last_kept is not None:
        gone = delete(decisions).where(decisions.c.environment == environment, decisions.c.id < last_kept)
        connection.execute(gone)


def found(connection: Connection, environment: EnvironmentId) -> tuple[Decision, ...]:
    """All that are kept, the newest first."""
    of_it = select(decisions.c.decision).filter_by(environment=environment).order_by(decisions.c.id.desc())
    return tuple(read_decision(text) for text in connection.execute(of_it).scalars())
