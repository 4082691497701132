"""The fake GitHub's other API, which says to whoever asks who they are, where it does, and nothing more."""

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world.github import GitHubWorld

PATH = "/api/graphql"


def answer(world: "GitHubWorld", environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """`{"data": {"viewer": {"login": …}}}`"""
    asked = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    known = environ.get("HTTP_AUTHORIZATION", "").partition(" ")[2] == world.token
    told: dict[str, Any] = {"message": "Bad credentials"}
    if known:
        fits = environ["REQUEST_METHOD"] == "POST" and json.loads(asked).get("query") == "query{viewer{login}}"
        told = {"data": {"viewer": {"login": world.bot}}} if fits else {"errors": [{"message": "unknown"}]}
        if world.viewer == "an error":
            refusal = {"type": "FORBIDDEN", "path": ["viewer"], "message": "Resource not accessible by integration"}
            told = {"data": None, "errors": [refusal]}
    body = json.dumps(told).encode()
    found = "404 Not Found" if world.viewer == "nothing there" else "200 OK"
    start(found if known else "401 Unauthorized", [("Content-Type", "application/json")])
    return [body]
