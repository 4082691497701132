"""Who may pull, as the registries of GitHub and GitLab ask it: a Bearer challenge, and a token for one name."""

import base64
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

_NAME = re.compile(r"/v2/(.+)/(?:manifests|blobs|tags)/")
_SCOPE = re.compile(r"repository:([^:]+):")

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class TokenAuth:
    """Stands before a registry; accounts have a password, and what the names that they may pull begin with."""

    def __init__(self, registry: Application, accounts: Mapping[str, tuple[str, str]]) -> None:
        self._registry = registry
        self._accounts = accounts
        self._tokens: dict[str, frozenset[str]] = {}

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Give a token, ask for one, or let through."""
        if environ["PATH_INFO"] == "/token":
            return self._token(environ, start)
        name = _NAME.match(environ["PATH_INFO"])
        opens = self._tokens.get(environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "))
        if opens is not None and (name is None or name[1] in opens):
            return self._registry(environ, start)
        base = f"http://{environ['HTTP_HOST']}"
        scope = f',scope="repository:{name[1]}:pull"' if name else ""
        challenge = f'Bearer realm="{base}/token",service="container_registry"{scope}'
        return _said(start, "401 Unauthorized", "UNAUTHORIZED", challenge)

    def _token(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """One for the names that were asked for, as far as this account may pull them."""
        if environ["REQUEST_METHOD"] != "GET":
            return _said(start, "405 Method Not Allowed", "UNSUPPORTED")
        code = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Basic ")
        user, _, password = base64.b64decode(code).decode().partition(":")
        known, reach = self._accounts.get(user, ("", ""))
        if user and password != known:
            return _said(start, "403 Forbidden", "DENIED")
        asked = [_SCOPE.match(scope) for scope in parse_qs(environ.get("QUERY_STRING", "")).get("scope", [])]
        token = secrets.token_hex(16)
        self._tokens[token] = frozenset(it[1] for it in asked if it and user and it[1].startswith(reach))
        return _answered(start, "200 OK", {"token": token})


def _said(start: Callable[..., Any], status: str, code: str, challenge: str = "") -> list[bytes]:
    why = [{"code": code, "message": "authentication required" if challenge else "denied", "detail": None}]
    return _answered(start, status, {"errors": why}, challenge)


def _answered(start: Callable[..., Any], status: str, document: object, challenge: str = "") -> list[bytes]:
    body = json.dumps(document).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start(status, [*headers, *([("WWW-Authenticate", challenge)] if challenge else [])])
    return [body]
