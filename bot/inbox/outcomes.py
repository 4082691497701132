"""How each step of a generation ended, so that whoever resumes it does no step twice."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.core.deciding.outcome import Outcome
from bot.core.names import StepId
from bot.inbox import lanes
from bot.inbox.rows import outcome_columns, read_outcome
from bot.inbox.schema import outcomes
from bot.inbox.values import Claim


def record(
    connection: Connection, claim: Claim, step: StepId, outcome: Outcome, *, seconds: float, now: datetime
) -> None:
    """Keep an outcome in the place of an earlier one: a delete tries again what failed."""
    lanes.owned(connection, claim)
    key = {"environment": claim.environment, "generation": claim.lane.generation, "step": step}
    connection.execute(delete(outcomes).filter_by(**key))
    values = {**key, **outcome_columns(outcome), "seconds": seconds, "recorded_at": now}
    connection.execute(insert(outcomes).values(values))


def recorded(connection: Connection, claim: Claim) -> Mapping[StepId, tuple[Outcome, float]]:
    """The outcomes of the claim's generation, as they came."""
    query = (
        select(outcomes)
        .filter_by(environment=claim.environment, generation=claim.lane.generation)
        .order_by(outcomes.c.recorded_at, outcomes.c.step)
    )
    return {row.step: (read_outcome(row), row.seconds) for row in connection.execute(query)}
