"""GitHub's REST API through PyGithub: one object per thread, no POST repeated, its errors in our words."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote

import requests
from github import Auth, BadAttributeException, Github, GithubException
from pydantic import TypeAdapter, ValidationError
from urllib3 import Retry

from bot.core.errors import Gone, Limited, MatineeError, Unavailable
from bot.forges._github import places
from bot.forges._github.credentials import OF_JOBS, WHOSE, Credential, viewer
from bot.forges._github.limits import Gate, limit
from bot.forges._github.payload import Login, Shape, User
from bot.forges._github.permissions import line
from bot.forges._github.request import Forbidden, Rejected, Request, Unauthorized, Unsure
from bot.forges._json import first_problem

__all__ = ["Api", "Forbidden", "Rejected", "Request", "Unsure"]

T = TypeVar("T")
_PAGES = 100
_WRONG = (BadAttributeException, requests.RequestException, AssertionError, RuntimeError, ValueError, OSError)
"""What PyGithub lets through where an answer, a redirect or the connection is not GitHub's."""


class _Named(Shape):
    login: Login


class _Seen(Shape):
    viewer: _Named | None = None


class _Viewer(Shape):
    data: _Seen | None = None


class Api:
    """Talks to GitHub with one credential."""

    def __init__(self, url: str, credential: Credential, gate: Gate | None = None) -> None:
        self._url = url
        self._gate = gate or Gate()
        self._credential = credential
        self._own = threading.local()
        self._me: int | None = None

    @property
    def me(self) -> int:
        """The id of the account that we act as."""
        if self._me is None:
            self._me = self._asked_me()
        return self._me

    def _asked_me(self) -> int:
        whose = self._credential.whose
        try:
            return self.ask(whose, TypeAdapter(User)).id
        except Forbidden:
            if whose is not WHOSE:
                raise
        path = f"/users/{quote(self._viewer() or OF_JOBS, safe='')}"
        return self.ask(replace(whose, path=path), TypeAdapter(User)).id

    def _viewer(self) -> str:
        """The name of whoever asks; empty where GitHub does not tell: some GitHub Enterprise Servers do not."""
        try:
            told = self.ask(viewer(places.graphql(self._url)), TypeAdapter(_Viewer)).data
        except (Gone, Forbidden, Rejected):
            return ""
        return told.viewer.login if told and told.viewer else ""

    def ask(self, request: Request, shape: TypeAdapter[T]) -> T:
        """Send it and read the answer."""
        return _read(request, self._send(request)[1], shape)

    def answered(self, request: Request, shape: TypeAdapter[T]) -> tuple[T, Mapping[str, str]]:
        """Send it and read the answer, with the headers, by lower-case name."""
        headers, data = self._send(request)
        return _read(request, data, shape), _lower(headers)

    def headers(self, request: Request) -> Mapping[str, str]:
        """Send it for the answer's headers, by lower-case name."""
        return _lower(self._send(request)[0])

    def send(self, request: Request) -> None:
        """Send it; the answer says nothing more."""
        self._send(request)

    def pages(self, request: Request, shape: TypeAdapter[list[T]]) -> Iterator[T]:
        """Everything of a list, page after page."""
        for page in range(1, _PAGES + 1):
            headers, data = self._send(request, {"per_page": 100, "page": page})
            yield from _read(request, data, shape)
            if 'rel="next"' not in headers.get("link", ""):
                return

    def _send(self, request: Request, query: dict[str, Any] | None = None) -> tuple[dict[str, Any], Any]:
        auth = self._credential.auth()
        try:
            return self._tried(auth, request, query)
        except Unauthorized as error:
            if not self._credential.renewed(auth, error.headers):
                raise
        except (Gone, Forbidden):
            if not self._credential.changed():
                raise
        return self._tried(self._credential.auth(), request, query)

    def _tried(self, auth: Auth.Auth, request: Request, query: dict[str, Any] | None) -> tuple[dict[str, Any], Any]:
        writes = request.verb != "GET"
        if writes:
            self._gate.enter(request.doing)
        requester = self._client(auth).requester
        try:
            answer = requester.requestJsonAndCheck(request.verb, request.path, query, input=request.body)
        except GithubException as error:
            raise _refused(request, error, self._credential, self._gate) from error
        except _WRONG as error:
            raise Unsure(
                f"GitHub at {self._url} does not answer as it should ({type(error).__name__}), asked to "
                f"{request.doing}; check MATINEE_GITHUB_URL and the network"
            ) from error
        if writes:
            self._gate.passed()
        return answer

    def _client(self, auth: Auth.Auth) -> Github:
        mine: tuple[Auth.Auth, Github] | None = getattr(self._own, "client", None)
        if mine is not None and mine[0] is auth:
            return mine[1]
        client = Github(
            base_url=self._url,
            auth=auth,
            user_agent="matinee",
            timeout=15,
            retry=_retry(),
            lazy=True,
            seconds_between_requests=None,
            seconds_between_writes=0.1,
        )
        self._own.client = (auth, client)
        return client


def _retry() -> Retry:
    # A POST that was answered with 502 may have had its effect; a Retry-After is for whoever called, not slept here.
    return Retry(
        total=2,
        allowed_methods=frozenset({"GET", "PATCH", "DELETE"}),
        status_forcelist=(500, 502, 503, 504),
        backoff_factor=0.3,
        raise_on_status=False,
        respect_retry_after_header=False,
    )


def _lower(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items()}


def _read(request: Request, data: Any, shape: TypeAdapter[T]) -> T:
    try:
        return shape.validate_python(data)
    except ValidationError as error:
        raise Unavailable(f"GitHub's answer is unreadable, asked to {request.doing}: {first_problem(error)}") from None


def _refused(request: Request, error: GithubException, credential: Credential, gate: Gate) -> MatineeError:
    headers = _lower(error.headers or {})
    asked = f"asked to {request.doing}"
    if error.status in (404, 410):
        return Gone(f"GitHub does not find it, or {credential.name} may not see it, {asked}")
    if error.status == 401 or (error.status == 403 and "suspended" in _message(error)):
        return Unauthorized(f"GitHub refuses {credential.name}, {asked}; {credential.advice}", headers)
    if error.status in (403, 429) and (limited := limit(headers, _message(error), gate.now())):
        message = f"GitHub's rate limit is used up, {asked}; try again {limited.words}"
        return Limited(message, until=gate.shut(limited))
    if error.status == 403:
        return Forbidden(
            f"GitHub forbids it, {asked}: {credential.name} lacks the permission {_lacking(request, headers)}"
            f"{line(request.permission) if credential.of_job else ''}"
        )
    if error.status >= 500:
        return Unsure(f"GitHub answered {error.status}, {asked}; try again later")
    return Rejected(f"GitHub answered {error.status}, {asked}: {_message(error) or 'it says no more'}")


def _lacking(request: Request, headers: Mapping[str, str]) -> str:
    accepted = headers.get("x-accepted-github-permissions", "")
    return accepted if accepted.isascii() and accepted.isprintable() and accepted else request.permission


def _message(error: GithubException) -> str:
    text = error.data.get("message") if isinstance(error.data, dict) else None
    return " ".join(text.split())[:200] if isinstance(text, str) else ""
