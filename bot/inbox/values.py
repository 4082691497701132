"""What the inbox hands out."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.core.deciding.lane import Lane
from bot.core.deciding.missed import Seen
from bot.core.events import Answer, Commented, Want
from bot.core.lifetime import Lifetime
from bot.core.names import EnvironmentId
from bot.core.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The wish is kept for good; this generation carries it out."""

    environment: EnvironmentId
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One owner's right to carry a lane out, until its lease is over and another takes it."""

    environment: EnvironmentId
    lane: Lane
    owner: str
    turn: int = 0
    """Grows with every claim of the lane, so that one owner's older claim is told from its newer one."""
    times: Lifetime = field(default_factory=Lifetime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One owner's turn to answer a remark, until its lease is over and another takes it."""

    id: int
    told: Commented
    owner: str
    tries: int
    """How often it was taken, this time included."""
    answer: Answer | None = None
    """What it has come to already, and is only to be told."""
    again: bool = False
    """Whether the same remark was answered before, told of by another delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a worker learns at each heartbeat: whether the lane is still its own, and what is wanted by now."""

    held: bool
    generation: int
    want: Want


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One lane as it is now."""

    environment: EnvironmentId
    lane: Lane
    report: Report | None
    owner: str | None
    """Who carries it out; None where nobody does, or the lease is over."""
    due_at: datetime | None
    """When the next turn may begin; None where nothing is to be done."""
    times: Lifetime = field(default_factory=Lifetime)
    seen: Seen | None = None
    """What of its pull the last deploy's turn has looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """One owner's turn to do what is to be done from time to time, by one bot alone."""

    name: str
    owner: str
    done_at: datetime | None
    """When it was begun that was done last; None: it never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a chore stands."""

    name: str
    due_at: datetime
    done_at: datetime | None
    note: str
    """What whoever operates the bot has to know of it; empty where all is well."""


def now_utc() -> datetime:
    """The time."""
    return datetime.now(UTC)
