"""The port: what the core needs of a forge, and nothing more."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.core.events import Delivery, Event, Forged, Ignored, Malformed, Pull, PullKey
from bot.core.report import Report
from bot.core.telling.checkup import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where git fetches a repository: built from settings and the forge's own answer, never from a request."""

    url: str
    """`https://…`, or `file:///…` of a local forge."""
    header: str | None = field(default=None, repr=False)
    """An `Authorization: …` header for that URL; secret."""


class Forge(Protocol):
    """One forge. One that does not answer raises `Unavailable`."""

    def verify(self, delivery: Delivery) -> Forged | None:
        """Check the signature over the raw bytes; None where it holds."""
        ...

    def read(self, delivery: Delivery) -> Event | Ignored | Malformed:
        """What a verified delivery says; no text of whatever form raises."""
        ...

    def delivery(self, event: str, body: bytes) -> Delivery:
        """A delivery of this event with this body as the forge sends it, but unsigned."""
        ...

    def checks(self, repositories: Mapping[str, str]) -> Iterator[Check]:
        """Look whether it can be worked with, and with these repositories (id to name); raises nothing."""
        ...

    def pull(self, key: PullKey) -> Pull:
        """The pull as it is now; raises `Gone` where it is not to be found."""
        ...

    def origin(self, pull: Pull) -> Origin:
        """Where to fetch the pull's commits."""
        ...

    def tell(self, pull: Pull, report: Report) -> None:
        """Show the report on the pull: one comment, edited in place, and a status on the commit."""
        ...


Forges = Mapping[str, Forge]
"""By name, as in `PullKey.forge`."""
