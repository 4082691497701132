"""Holds the bot to GitHub's documentation: a call of its own that is in no row of the table fails the test."""

import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

from pydantic import ValidationError

from tests.world.github_calls import Call, found

Environ = dict[str, Any]
OURS = "matinee"
"""The bot's User-Agent; whoever else calls may call what they like."""


class Documented:
    """Wraps an application."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._lock = threading.Lock()
        self.strange: list[str] = []
        """What the bot called that GitHub does not document."""

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        """Pass on what is documented."""
        if environ.get("HTTP_USER_AGENT") != OURS:
            return self._app(environ, start)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        wrong = _wrong(environ, body)
        if wrong is None:
            return self._app({**environ, "wsgi.input": io.BytesIO(body)}, start)
        with self._lock:
            self.strange.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}: {wrong}")
        answer = json.dumps({"message": f"Undocumented: {wrong}"}).encode()
        start("400 Bad Request", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]


def _wrong(environ: Environ, body: bytes) -> str | None:
    call = found(environ["REQUEST_METHOD"], environ["PATH_INFO"])
    if call is None:
        return "no row of tests/world/github_calls.py is this call"
    if more := parse_qs(environ.get("QUERY_STRING", "")).keys() - call.query:
        return f"the query has {', '.join(sorted(more))}"
    return _wrong_body(call, body)


def _values(node: Any) -> Iterator[Any]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    yield node
    for each in inner:
        yield from _values(each)


def _wrong_body(call: Call, body: bytes) -> str | None:
    if call.body is None:
        return None if body in (b"", b"null", b"{}") else "it has no body"
    try:
        call.body.model_validate_json(body)
    except ValidationError as error:
        return f"the body is wrong: {error}"
    return "the body has a null: what is not set is left out" if None in _values(json.loads(body)) else None
