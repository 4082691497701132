"""Deliveries of the fake GitLab: with token and signature as the real ones; and given up."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from bot.forges._gitlab.signature import secrets, signature
from tests.world import hooks
from tests.world.hooks import Sent

TEMPORARY, PERMANENT = 4, 40
"""After how many failures on end GitLab calls no more, for a while and for ever."""


class Hooks(hooks.Hooks):
    """GitLab's: signed anew each time it is sent, and called no more where nobody takes it."""

    def __init__(self, token: str, signing: str, base: Callable[[], str], clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self._token = token
        self._key = secrets("", signing).signing
        self._base = base
        self.failures = 0

    @property
    def alert_status(self) -> str:
        """Whether GitLab calls it."""
        if self.failures >= PERMANENT:
            return "disabled"
        return "temporarily_disabled" if self.failures >= TEMPORARY else "executable"

    @property
    def given_up(self) -> bool:
        """Whether GitLab calls it no more."""
        return self.alert_status != "executable"

    def happened(self, event: str, payload: Mapping[str, Any]) -> Sent:
        """Tell of a happening."""
        attributes = payload.get("object_attributes")
        action = str(attributes.get("action", "")) if isinstance(attributes, dict) else ""
        key = str(uuid.uuid4())
        return self.tell(event, action, key=key, headers=self._headers(event, key), body=json.dumps(payload).encode())

    def send(self, sent: Sent) -> int:
        """POST it to the bot, signed anew; the answer's status, 0 where there was none."""
        status = super().send(sent)
        self.failures = 0 if 200 <= status < 300 else self.failures + 1
        return status

    def signed(self, sent: Sent) -> dict[str, str]:
        """The headers as they are sent now."""
        headers = dict(sent.headers)
        if self._token:
            headers["X-Gitlab-Token"] = self._token
        if self._key:
            stamp = str(int(self.clock()))
            headers |= {"webhook-id": sent.key, "webhook-timestamp": stamp}
            headers["webhook-signature"] = signature(sent.key, stamp, sent.body, self._key)
        return headers

    def _headers(self, event: str, key: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "User-Agent": "GitLab/18.6.0",
            "Idempotency-Key": key,
            "X-Gitlab-Event": event,
            "X-Gitlab-Webhook-UUID": "3c5c0404-c866-44bc-a5f6-452bb1bfc76e",
            "X-Gitlab-Instance": self._base(),
            "X-Gitlab-Event-UUID": str(uuid.uuid4()),
        }
