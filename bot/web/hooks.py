"""The door for webhooks: believe, read, store, answer. Nothing is worked on inside a request."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from bot.core.chat.parse import wordless
from bot.core.errors import Unavailable
from bot.core.events import CAP, Delivery, Forged, Ignored, Malformed, Tidings
from bot.forges.base import Forge
from bot.web.health import health

log = logging.getLogger(__name__)


class Stored(Protocol):
    """The lane that an event was stored in."""

    @property
    def environment(self) -> str:
        """Whose lane it is."""
        ...

    @property
    def generation(self) -> int:
        """Which generation the event began."""
        ...


Receive = Callable[[Tidings, str], Stored | Ignored]
"""Keeps what was told with the digest of its body for good, or says why it changes nothing; may raise `Unavailable`."""


def door(forges: Mapping[str, Forge], receive: Receive, healthy: Callable[[], str | None]) -> Flask:
    """The application that takes the deliveries of these forges."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = CAP + 1
    app.register_blueprint(health(healthy))
    app.register_error_handler(HTTPException, refused)

    @app.post("/hooks/<forge>")
    def hook(forge: str) -> Response:
        if forge not in forges:
            raise NotFound(f"there is no such forge here; known are {', '.join(sorted(forges)) or 'none'}")
        return _answer(forge, _taken(forges[forge], _delivery(), receive))

    return app


def refused(error: HTTPException) -> Response:
    """An HTTP error as JSON, whatever the path."""
    if error.code is None or error.response is not None:
        return Response(error.get_response().get_data(), status=error.code or 500)
    answer = _json(error.code, error.name.lower(), error.description or "")
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def _delivery() -> Delivery:
    if (request.content_length or 0) > CAP:
        raise _too_large()
    body = request.get_data(cache=False)
    if len(body) > CAP:  # it came in chunks and announced no length: reading ended one byte above
        raise _too_large()
    return Delivery(headers=tuple((name.lower(), value) for name, value in request.headers.items()), body=body)


def _too_large() -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"the body has more than {CAP} bytes")


def _taken(forge: Forge, delivery: Delivery, receive: Receive) -> Forged | Malformed | Ignored | Unavailable | Stored:
    if forged := forge.verify(delivery):
        return forged
    told = forge.read(delivery)
    if isinstance(told, Ignored | Malformed):
        return told
    if idle := wordless(told):
        return idle
    try:
        return receive(told, hashlib.sha256(delivery.body).hexdigest())
    except Unavailable as error:
        return error


def _answer(forge: str, outcome: Forged | Malformed | Ignored | Unavailable | Stored) -> Response:
    match outcome:
        case Forged(why):
            log.warning("a delivery to %s was refused: %s", forge, why)
            return _json(401, "refused", why)
        case Malformed(why):
            log.warning("a delivery from %s was malformed: %s", forge, why)
            return _json(400, "malformed", why)
        case Ignored(why):
            log.info("a delivery from %s was ignored: %s", forge, why)
            return _json(200, "ignored", why)
        case Unavailable():
            log.error("a delivery from %s could not be stored: %s", forge, outcome)
            return _json(503, "unavailable", "the delivery could not be stored; send it again later")
        case stored:
            log.info("a delivery from %s was stored for %s", forge, stored.environment)
            answer = jsonify(status="stored", environment=stored.environment, generation=stored.generation)
            answer.status_code = 202
            return answer


def _json(code: int, status: str, why: str) -> Response:
    answer = jsonify(status=status, why=why)
    answer.status_code = code
    return answer
