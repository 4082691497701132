"""What we ask of GitLab, and what its refusals mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.errors import Unavailable


class Unsure(Unavailable):
    """The answer was lost: whether the request had its effect is not known."""


class Rejected(Unavailable):
    """GitLab understood the request and will not do it, today or tomorrow."""


class Conflict(Unavailable):
    """Somebody else changes the same at this moment: asked again, GitLab may do it."""


class Forbidden(Unavailable):
    """Our rights do not go so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, and in words what it is for and which rights it takes."""

    verb: str
    path: str
    """Below `/api/v4`."""
    doing: str
    rights: str
    body: Mapping[str, Any] | None = None
