"""What we ask of GitHub, and what its refusals mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.errors import Unavailable


class Unsure(Unavailable):
    """The answer was lost: whether the request had its effect is not known."""


class Rejected(Unavailable):
    """GitHub understood the request and will not do it, today or tomorrow."""


class Forbidden(Unavailable):
    """Our rights do not go so far."""


class Unauthorized(Unavailable):
    """GitHub does not take the credential. It answered with these headers, by lower-case name."""

    def __init__(self, why: str, headers: Mapping[str, str]) -> None:
        super().__init__(why)
        self.headers = headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, and in words what it is for and which permission it takes, as workflows name it."""

    verb: str
    path: str
    doing: str
    permission: str
    body: Mapping[str, Any] | None = None
