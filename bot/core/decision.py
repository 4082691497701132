"""What was decided of one environment and why: kept, so that it can be asked for later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.names import Sha


class Verdict(StrEnum):
    """What a decision comes to."""

    DEPLOY = "deploy"
    STOP = "stop"
    DELETE = "delete"
    ERRAND = "errand"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One rule applied to one situation. Nothing in it is secret."""

    at: datetime
    generation: int
    verdict: Verdict
    rule: str
    """The rule's short name: `a draft is skipped`."""
    why: str
    """For people, with what to do about it where it is a no."""
    cause: str
    """What set it going: `the pull was pushed`."""
    actor: str
    sha: Sha | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the rule looked at, in words: `draft` → `yes`."""
