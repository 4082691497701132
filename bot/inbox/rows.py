"""Values to columns, and rows to values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from bot.core import report
from bot.core.deciding.lane import Lane
from bot.core.deciding.outcome import Cancelled, Failed, Outcome, Skipped, Succeeded
from bot.core.events import Wish
from bot.core.lifetime import Lifetime
from bot.inbox.texts import SEEN, WISH, Text
from bot.inbox.values import Claim, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errands:
    """What of a lane is beside the wanted state; most have nothing of it."""

    errand: Wish | None = None
    pending: bool = False
    queue: tuple[Wish, ...] = ()
    glance: Wish | None = None


_TIMES = ("sleeps_at", "warns_at", "expires_at", "kept_until")
_ERRANDS = Text(_Errands)
_OUTCOMES: dict[str, Text[Any]] = {
    kind.__name__.lower(): Text(kind) for kind in (Succeeded, Failed, Skipped, Cancelled)
}


def outcome_columns(outcome: Outcome) -> dict[str, str]:
    """The outcome as JSON, and which of the four it is."""
    kind = type(outcome).__name__.lower()
    return {"kind": kind, "outcome": _OUTCOMES[kind].of(outcome)}


def read_outcome(row: Row[Any]) -> Outcome:
    """The outcome that `outcome_columns` wrote."""
    outcome: Outcome = _OUTCOMES[row.kind].read(row.outcome)
    return outcome


def lane_columns(lane: Lane) -> dict[str, Any]:
    """What of a lane the core decides."""
    return {
        "wish": WISH.of(lane.wish),
        "generation": lane.generation,
        "settled": lane.settled,
        "tries": lane.tries,
        "state": lane.state,
        "errands": _errands_text(lane),
    }


def _errands_text(lane: Lane) -> str | None:
    waiting = _Errands(errand=lane.errand, pending=lane.pending, queue=lane.queue, glance=lane.glance)
    return _ERRANDS.of(waiting) if waiting != _Errands() else None


def read_lane(row: Row[Any]) -> Lane:
    """The lane that `lane_columns` wrote."""
    waiting = _ERRANDS.read(row.errands) if row.errands else _Errands()
    return Lane(
        wish=WISH.read(row.wish),
        generation=row.generation,
        settled=row.settled,
        tries=row.tries,
        state=row.state,
        errand=waiting.errand,
        pending=waiting.pending,
        queue=waiting.queue,
        glance=waiting.glance,
    )


def read_claim(row: Row[Any]) -> Claim:
    """The claim that a row of `lanes` carries."""
    lane, times = read_lane(row), read_times(row)
    return Claim(environment=row.environment, lane=lane, owner=row.owner, turn=row.turn, times=times)


def time_columns(times: Lifetime) -> dict[str, datetime | None]:
    """The times of a lane, each in a column, to be found by."""
    return {name: getattr(times, name) for name in _TIMES}


def read_times(row: Row[Any]) -> Lifetime:
    """The times that `time_columns` wrote."""
    return Lifetime(**{name: getattr(row, name) for name in _TIMES})


def read_status(row: Row[Any], now: datetime) -> Status:
    """One lane as it is at this moment."""
    return Status(
        environment=row.environment,
        lane=read_lane(row),
        report=report.loads(row.report) if row.report else None,
        owner=row.owner if row.lease_until and row.lease_until > now else None,
        due_at=row.due_at,
        times=read_times(row),
        seen=SEEN.read(row.seen) if row.seen else None,
    )
