"""Deliveries of the fake GitHub: signed as the real ones."""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.world import hooks
from tests.world.hooks import Sent


class Hooks(hooks.Hooks):
    """GitHub's: every delivery has its signature from the start, and no failure makes it call less."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time, *, of_app: bool = False) -> None:
        super().__init__(clock)
        self._secret = secret.encode()
        self._target = "integration" if of_app else "repository"

    def happened(self, event: str, payload: Mapping[str, Any]) -> Sent:
        """Tell of a happening."""
        body, key = json.dumps(payload).encode(), str(uuid.uuid4())
        return self.tell(
            event, str(payload.get("action", "")), key=key, headers=self._headers(event, key, body), body=body
        )

    def saying(self, sent: Sent, body: bytes) -> Sent:
        """Such a delivery with another body and its signature."""
        return replace(super().saying(sent, body), headers={**sent.headers, **self._signature(body)})

    def signed(self, sent: Sent) -> dict[str, str]:
        """The headers as they were made, signature and all."""
        return dict(sent.headers)

    def _signature(self, body: bytes) -> dict[str, str]:
        ways = {"X-Hub-Signature": hashlib.sha1, "X-Hub-Signature-256": hashlib.sha256}
        return {name: f"{way().name}={hmac.new(self._secret, body, way).hexdigest()}" for name, way in ways.items()}

    def _headers(self, event: str, key: str, body: bytes) -> dict[str, str]:
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/f2a9d3c",
            "X-GitHub-Delivery": key,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": "4242",
            "X-GitHub-Hook-Installation-Target-Type": self._target,
            **self._signature(body),
        }
