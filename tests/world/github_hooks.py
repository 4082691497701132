"""Deliveries of the fake GitHub: signed as the real ones, sent, kept, held back, sent again."""

import hashlib
import hmac
import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(slots=True, kw_only=True)
class Sent:
    """One delivery with what became of it."""

    id: int
    event: str
    action: str
    headers: Mapping[str, str]
    body: bytes
    hooks: "Hooks" = field(repr=False)
    statuses: list[int] = field(default_factory=list)
    """What the bot answered, one for each time it was sent; 0 where nobody answered."""
    answer: str = ""
    at: float = 0.0
    """When it was made, in seconds of the fake GitHub's clock."""

    @property
    def guid(self) -> str:
        """The id that stays the same however often it is sent."""
        return self.headers["X-GitHub-Delivery"]

    @property
    def status(self) -> int | None:
        """The last answer; None while it was never sent."""
        return self.statuses[-1] if self.statuses else None

    def redeliver(self) -> int:
        """Send it, again or for the first time."""
        return self.hooks.send(self)


class Hooks:
    """One webhook, configured on everything."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time, *, of_app: bool = False) -> None:
        self._secret = secret.encode()
        self._clock = clock
        self._target = "integration" if of_app else "repository"
        self._held: list[Sent] | None = None
        self.url: str | None = None
        self.deliveries: list[Sent] = []

    @contextmanager
    def holding(self) -> Iterator[list[Sent]]:
        """Send nothing while this lasts, nor afterwards: what is in the list is the caller's to send."""
        before, self._held = self._held, []
        try:
            yield self._held
        finally:
            self._held = before

    def happened(self, event: str, payload: Mapping[str, Any]) -> Sent:
        """Tell of a happening, unless it is held back."""
        body = json.dumps(payload).encode()
        number = len(self.deliveries) + 1
        headers = self._headers(event, body)
        action = str(payload.get("action", ""))
        sent = Sent(id=number, event=event, action=action, headers=headers, body=body, hooks=self, at=self._clock())
        self.deliveries.append(sent)
        if self._held is not None:
            self._held.append(sent)
        elif self.url:
            self.send(sent)
        return sent

    def send(self, sent: Sent) -> int:
        """POST it to the bot; the answer's status, 0 where there was none."""
        if self.url is None:
            raise LookupError("nobody listens: set `world.hook` to the bot's address first")
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request("POST", parts.path, body=sent.body, headers=dict(sent.headers))
            answer = connection.getresponse()
            sent.answer = answer.read().decode(errors="replace")
            sent.statuses.append(answer.status)
        except (OSError, http.client.HTTPException):
            sent.statuses.append(0)
        finally:
            connection.close()
        return sent.statuses[-1]

    def _headers(self, event: str, body: bytes) -> dict[str, str]:
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/f2a9d3c",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": "4242",
            "X-GitHub-Hook-Installation-Target-Type": self._target,
            "X-Hub-Signature": f"sha1={hmac.new(self._secret, body, hashlib.sha1).hexdigest()}",
            "X-Hub-Signature-256": f"sha256={hmac.new(self._secret, body, hashlib.sha256).hexdigest()}",
        }
