"""Somebody's word that one commit of a pull may run here."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.events import ActorId
from bot.core.names import Sha


class Ground(StrEnum):
    """Why somebody's word counts."""

    OPERATOR = "operator"
    """Typed where the bot runs."""
    LISTED = "listed"
    """The operator's settings name the account."""
    WRITE = "write"
    """The account could write to the repository when it acted on the pull."""
    APPROVAL = "approval"
    """Said of this very commit, by an account that could write to the repository at that moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Who let a commit run here, and on what ground: for this commit and no other."""

    sha: Sha
    by: str
    by_id: ActorId
    ground: Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What is kept of it, so that it holds whoever acts on the pull later."""

    sha: Sha
    by: str
    by_id: ActorId
    at: datetime
    ground: Ground = Ground.APPROVAL
