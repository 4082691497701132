"""The deliveries API of the fake GitHub: what was sent, how it was answered, and sending it again."""

import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Response, abort, jsonify

from tests.world.github_pages import followed
from tests.world.hooks import Sent

if TYPE_CHECKING:
    from tests.world.github import GitHubWorld

_MOST = 1000
"""Attempts of one delivery that have a number."""


def listed(world: "GitHubWorld") -> Response:
    """Every attempt, the newest first; each has a number, all of one delivery have its guid."""
    attempts = [(sent, count) for sent in reversed(world.deliveries) for count in reversed(range(_attempts(sent)))]
    return followed([_attempt(sent, count) for sent, count in attempts])


def one(world: "GitHubWorld", number: int) -> Response:
    """One of them, with what was sent and answered."""
    sent, count = _found(world, number)
    request = {"headers": dict(sent.headers), "payload": json.loads(sent.body)}
    response = {"headers": {}, "payload": sent.answer}
    return jsonify({**_attempt(sent, count), "url": world.hook or "", "request": request, "response": response})


def again(world: "GitHubWorld", number: int) -> tuple[Response, int]:
    """Send it again."""
    sent, _ = _found(world, number)
    threading.Thread(target=sent.redeliver, daemon=True).start()
    return jsonify({}), 202


def _found(world: "GitHubWorld", number: int) -> tuple[Sent, int]:
    sent = next((sent for sent in world.deliveries if sent.id == number // _MOST), None) or abort(404)
    return sent, number % _MOST


def _attempts(sent: Sent) -> int:
    return max(1, len(sent.statuses))


def _attempt(sent: Sent, count: int) -> dict[str, Any]:
    payload = json.loads(sent.body)
    status = sent.statuses[count] if sent.statuses else 0
    return {
        "id": sent.id * _MOST + count,
        "guid": sent.key,
        "delivered_at": f"{datetime.fromtimestamp(sent.at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "redelivery": count > 0,
        "duration": 0.1,
        "status": "OK"
        if status and status < 400
        else "failed to connect to host"
        if not status
        else "Invalid HTTP Response",
        "status_code": status,
        "event": sent.event,
        "action": sent.action or None,
        "installation_id": payload.get("installation", {}).get("id"),
        "repository_id": payload.get("repository", {}).get("id"),
        "throttled_at": None,
    }
