"""The fake GitHub's other API, which says to whoever asks who they are, and nothing more."""

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
    body = json.dumps(told).encode()
    start("200 OK" if known else "401 Unauthorized", [("Content-Type", "application/json")])
    return [body]
