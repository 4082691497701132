"""Values to text and back, and rows to values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row

from bot.core import report
from bot.core.approval import Approval
from bot.core.deciding.lane import Lane
from bot.core.deciding.missed import Seen
from bot.core.deciding.outcome import Cancelled, Failed, Outcome, Skipped, Succeeded
from bot.core.decision import Decision
from bot.core.events import Answer, Commented, Event, Wish
from bot.core.lifetime import Lifetime
from bot.inbox.values import Claim, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errands:
    """What of a lane is beside the wanted state; most have nothing of it."""

    errand: Wish | None = None
    pending: bool = False
    queue: tuple[Wish, ...] = ()
    glance: Wish | None = None


_TIMES = ("sleeps_at", "warns_at", "expires_at", "kept_until")
_WISH = TypeAdapter(Wish)
_ERRANDS = TypeAdapter(_Errands)
_EVENT = TypeAdapter(Event)
_REMARK = TypeAdapter(Commented)
_ANSWER = TypeAdapter(Answer)
_APPROVAL = TypeAdapter(Approval)
_DECISION = TypeAdapter(Decision)
_SEEN = TypeAdapter(Seen)
_OUTCOMES: dict[str, TypeAdapter[Any]] = {
    kind.__name__.lower(): TypeAdapter(kind) for kind in (Succeeded, Failed, Skipped, Cancelled)
}


def wish_text(wish: Wish) -> str:
    """The wish as JSON."""
    return _WISH.dump_json(wish).decode()


def event_text(event: Event) -> str:
    """The event as JSON."""
    return _EVENT.dump_json(event).decode()


def read_event(text: str) -> Event:
    """The event that `event_text` wrote."""
    return _EVENT.validate_json(text)


def remark_text(told: Commented) -> str:
    """The remark as JSON."""
    return _REMARK.dump_json(told).decode()


def read_remark(text: str) -> Commented:
    """The remark that `remark_text` wrote."""
    return _REMARK.validate_json(text)


def answer_text(answer: Answer) -> str:
    """The answer as JSON."""
    return _ANSWER.dump_json(answer).decode()


def read_answer(text: str) -> Answer:
    """The answer that `answer_text` wrote."""
    return _ANSWER.validate_json(text)


def approval_text(approval: Approval) -> str:
    """The approval as JSON."""
    return _APPROVAL.dump_json(approval).decode()


def read_approval(text: str) -> Approval:
    """The approval that `approval_text` wrote."""
    return _APPROVAL.validate_json(text)


def decision_text(decision: Decision) -> str:
    """The decision as JSON."""
    return _DECISION.dump_json(decision).decode()


def read_decision(text: str) -> Decision:
    """The decision that `decision_text` wrote."""
    return _DECISION.validate_json(text)


def seen_text(seen: Seen) -> str:
    """What was seen of a pull as JSON."""
    return _SEEN.dump_json(seen).decode()


def outcome_columns(outcome: Outcome) -> dict[str, str]:
    """The outcome as JSON, and which of the four it is."""
    kind = type(outcome).__name__.lower()
    return {"kind": kind, "outcome": _OUTCOMES[kind].dump_json(outcome).decode()}


def read_outcome(row: Row[Any]) -> Outcome:
    """The outcome that `outcome_columns` wrote."""
    outcome: Outcome = _OUTCOMES[row.kind].validate_json(row.outcome)
    return outcome


def lane_columns(lane: Lane) -> dict[str, Any]:
    """What of a lane the core decides."""
    return {
        "wish": wish_text(lane.wish),
        "generation": lane.generation,
        "settled": lane.settled,
        "tries": lane.tries,
        "state": lane.state,
        "errands": _errands_text(lane),
    }


def _errands_text(lane: Lane) -> str | None:
    waiting = _Errands(errand=lane.errand, pending=lane.pending, queue=lane.queue, glance=lane.glance)
    return _ERRANDS.dump_json(waiting).decode() if waiting != _Errands() else None


def read_wish(text: str) -> Wish:
    """The wish that `wish_text` wrote."""
    return _WISH.validate_json(text)


def read_lane(row: Row[Any]) -> Lane:
    """The lane that `lane_columns` wrote."""
    waiting = _ERRANDS.validate_json(row.errands) if row.errands else _Errands()
    return Lane(
        wish=read_wish(row.wish),
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
        seen=_SEEN.validate_json(row.seen) if row.seen else None,
    )
