"""Deliveries of a fake forge: made, sent, kept, held back, sent again."""

import http.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit


@dataclass(slots=True, kw_only=True)
class Sent:
    """One delivery with what became of it."""

    id: int
    key: str
    """What stays the same however often it is sent."""
    event: str
    action: str
    headers: Mapping[str, str]
    body: bytes
    hooks: "Hooks" = field(repr=False)
    statuses: list[int] = field(default_factory=list)
    """What the bot answered, one for each time it was sent; 0 where nobody answered."""
    answer: str = ""
    at: float = 0.0
    """When it was made, in seconds of the fake forge's clock."""

    @property
    def status(self) -> int | None:
        """The last answer; None while it was never sent."""
        return self.statuses[-1] if self.statuses else None

    def redeliver(self) -> int:
        """Send it, again or for the first time."""
        return self.hooks.send(self)


class Hooks:
    """One webhook, configured on everything."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.url: str | None = None
        self.deliveries: list[Sent] = []
        self._held: list[Sent] | None = None

    @property
    def given_up(self) -> bool:
        """Whether the forge calls it no more."""
        return False

    def happened(self, event: str, payload: Mapping[str, Any]) -> Sent:
        """Tell of a happening."""
        raise NotImplementedError

    @contextmanager
    def holding(self) -> Iterator[list[Sent]]:
        """Send nothing while this lasts, nor afterwards: what is in the list is the caller's to send."""
        before, self._held = self._held, []
        try:
            yield self._held
        finally:
            self._held = before

    def tell(self, event: str, action: str, *, key: str, headers: Mapping[str, str], body: bytes) -> Sent:
        """Keep what happened and send it, unless it is held back or the webhook is given up."""
        number, at = len(self.deliveries) + 1, self.clock()
        sent = Sent(id=number, key=key, event=event, action=action, headers=headers, body=body, hooks=self, at=at)
        self.deliveries.append(sent)
        if self._held is not None:
            self._held.append(sent)
        elif self.url and not self.given_up:
            self.send(sent)
        return sent

    def send(self, sent: Sent) -> int:
        """POST it to the bot; the answer's status, 0 where there was none."""
        if self.url is None:
            raise LookupError("nobody listens: set `world.hook` to the bot's address first")
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request("POST", parts.path, body=sent.body, headers=self.signed(sent))
            answer = connection.getresponse()
            sent.answer = answer.read().decode(errors="replace")
            sent.statuses.append(answer.status)
        except (OSError, http.client.HTTPException):
            sent.statuses.append(0)
        finally:
            connection.close()
        return sent.statuses[-1]

    def saying(self, sent: Sent, body: bytes) -> Sent:
        """Such a delivery with another body, never sent before."""
        return replace(sent, body=body, statuses=[])

    def signed(self, sent: Sent) -> dict[str, str]:
        """The headers as they are sent now."""
        return dict(sent.headers)
