"""Deliveries of the fake GitLab: with token and signature as the real ones, sent, kept, held back; and given up."""

import http.client
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.forges._gitlab.signature import secrets, signature

TEMPORARY, PERMANENT = 4, 40
"""After how many failures on end GitLab calls no more, for a while and for ever."""


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

    @property
    def key(self) -> str:
        """The id that stays the same however often it is sent."""
        return self.headers["Idempotency-Key"]

    @property
    def status(self) -> int | None:
        """The last answer; None while it was never sent."""
        return self.statuses[-1] if self.statuses else None

    def redeliver(self) -> int:
        """Send it, again or for the first time."""
        return self.hooks.send(self)


class Hooks:
    """One webhook, configured on everything."""

    def __init__(self, token: str, signing: str, base: Callable[[], str], clock: Callable[[], float]) -> None:
        self._token = token
        self._key = secrets("", signing).signing
        self._base = base
        self._clock = clock
        self._held: list[Sent] | None = None
        self.failures = 0
        self.url: str | None = None
        self.deliveries: list[Sent] = []

    @property
    def alert_status(self) -> str:
        """Whether GitLab calls it."""
        if self.failures >= PERMANENT:
            return "disabled"
        return "temporarily_disabled" if self.failures >= TEMPORARY else "executable"

    @contextmanager
    def holding(self) -> Iterator[list[Sent]]:
        """Send nothing while this lasts, nor afterwards: what is in the list is the caller's to send."""
        before, self._held = self._held, []
        try:
            yield self._held
        finally:
            self._held = before

    def happened(self, event: str, payload: Mapping[str, Any]) -> Sent:
        """Tell of a happening, unless it is held back or the webhook is given up."""
        body = json.dumps(payload).encode()
        attributes = payload.get("object_attributes")
        action = str(attributes.get("action", "")) if isinstance(attributes, dict) else ""
        number = len(self.deliveries) + 1
        headers = self._headers(event)
        sent = Sent(id=number, event=event, action=action, headers=headers, body=body, hooks=self, at=self._clock())
        self.deliveries.append(sent)
        if self._held is not None:
            self._held.append(sent)
        elif self.url and self.alert_status == "executable":
            self.send(sent)
        return sent

    def send(self, sent: Sent) -> int:
        """POST it to the bot, signed anew; the answer's status, 0 where there was none."""
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
        self.failures = 0 if 200 <= sent.statuses[-1] < 300 else self.failures + 1
        return sent.statuses[-1]

    def test(self, payload: Mapping[str, Any]) -> Sent:
        """Send a sample, whether it is called or not; an answer that is right lets it be called again."""
        held, self._held = self._held, []
        try:
            sent = self.happened("Merge Request Hook", payload)
        finally:
            self._held = held
        self.send(sent)
        return sent

    def signed(self, sent: Sent) -> dict[str, str]:
        """The headers as they are sent now."""
        headers = dict(sent.headers)
        if self._token:
            headers["X-Gitlab-Token"] = self._token
        if self._key:
            stamp = str(int(self._clock()))
            headers |= {"webhook-id": sent.key, "webhook-timestamp": stamp}
            headers["webhook-signature"] = signature(sent.key, stamp, sent.body, self._key)
        return headers

    def _headers(self, event: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "User-Agent": "GitLab/18.6.0",
            "Idempotency-Key": str(uuid.uuid4()),
            "X-Gitlab-Event": event,
            "X-Gitlab-Webhook-UUID": "3c5c0404-c866-44bc-a5f6-452bb1bfc76e",
            "X-Gitlab-Instance": self._base(),
            "X-Gitlab-Event-UUID": str(uuid.uuid4()),
        }
