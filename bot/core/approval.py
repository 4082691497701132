"""Somebody's word that one commit of a pull may run here."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.events import ActorId
from bot.core.names import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """For this commit and no other; who gave it could write to the repository at that moment."""

    sha: Sha
    by: str
    by_id: ActorId
    at: datetime
