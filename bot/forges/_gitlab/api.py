"""GitLab's REST API through python-gitlab: one object per thread, no POST repeated, its errors in our words."""

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from pydantic import BaseModel, TypeAdapter, ValidationError
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from bot.core.errors import Gone, Limited, MatineeError, Unavailable
from bot.forges._gitlab.request import Conflict, Forbidden, Rejected, Request, Unsure
from bot.forges._json import first_problem

T = TypeVar("T")
_PAGES = 100
_WRONG = (requests.RequestException, ValueError, OSError)
"""What comes through where an answer, a redirect or the connection is not GitLab's."""
WHOSE = Request(verb="GET", path="/user", doing="ask whose the token is", rights="the scope api")


class _User(BaseModel):
    id: int


class Api:
    """Talks to one GitLab with one token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._own = threading.local()
        self._me: int | None = None

    @property
    def me(self) -> int:
        """The id of the account that we act as."""
        if self._me is None:
            self._me = self.ask(WHOSE, TypeAdapter(_User)).id
        return self._me

    def ask(self, request: Request, shape: TypeAdapter[T]) -> T:
        """Send it and read the answer."""
        return _read(request, self._sent(request), shape)

    def headers(self, request: Request) -> Mapping[str, str]:
        """Send it for the answer's headers, by lower-case name."""
        return _lower(self._sent(request).headers)

    def send(self, request: Request) -> None:
        """Send it; the answer says nothing more."""
        self._sent(request)

    def pages(self, request: Request, shape: TypeAdapter[list[T]]) -> Iterator[T]:
        """Everything of a list, page after page, by offset or by keyset as GitLab has it there."""
        query: dict[str, Any] | None = {"per_page": 100}
        for _ in range(_PAGES):
            answer = self._sent(request, query)
            yield from _read(request, answer, shape)
            if (query := _next(answer)) is None:
                return

    def _sent(self, request: Request, query: dict[str, Any] | None = None) -> requests.Response:
        client = self._client()
        body = dict(request.body) if request.body is not None else None
        try:
            return client.http_request(
                request.verb, request.path, query, body, obey_rate_limit=False, retry_transient_errors=False
            )
        except GitlabError as error:
            raise _refused(request, error, getattr(self._own, "headers", {})) from error
        except _WRONG as error:
            raise Unsure(
                f"GitLab at {self._url} does not answer as it should ({type(error).__name__}), asked to "
                f"{request.doing}; check MATINEE_GITLAB_URL and the network"
            ) from error

    def _client(self) -> Gitlab:
        client: Gitlab | None = getattr(self._own, "client", None)
        if client is None:
            # A bearer's header is dropped by a redirect to another host, PRIVATE-TOKEN is not; and none is followed.
            client = Gitlab(
                self._url, oauth_token=self._token, user_agent="matinee", timeout=15, session=self._session()
            )
            self._own.client = client
        return client

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.max_redirects = 0
        session.hooks["response"] = self._heard
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=_retry()))
        return session

    def _heard(self, answer: requests.Response, *_: object, **__: object) -> None:
        self._own.headers = _lower(answer.headers)


def _retry() -> Retry:
    # A POST that was answered with 502 may have had its effect; a Retry-After is for whoever called, not slept here.
    return Retry(
        total=2,
        allowed_methods=frozenset({"GET", "PUT", "DELETE"}),
        status_forcelist=(500, 502, 503, 504),
        backoff_factor=0.3,
        raise_on_status=False,
        respect_retry_after_header=False,
        redirect=False,
    )


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items()}


def _next(answer: requests.Response) -> dict[str, Any] | None:
    """The query alone of where the next page is: where GitLab is, the settings say."""
    url = answer.links.get("next", {}).get("url")
    return parse_qs(urlsplit(url).query) if url else None


def _read(request: Request, answer: requests.Response, shape: TypeAdapter[T]) -> T:
    unreadable = f"GitLab's answer is unreadable, asked to {request.doing}"
    try:
        return shape.validate_python(answer.json())
    except ValidationError as error:
        raise Unavailable(f"{unreadable}: {first_problem(error)}") from None
    except (ValueError, RecursionError):
        raise Unavailable(f"{unreadable}: it is no JSON; check MATINEE_GITLAB_URL") from None


def _refused(request: Request, error: GitlabError, headers: Mapping[str, str]) -> MatineeError:
    asked, code = f"asked to {request.doing}", error.response_code or 0
    said = _message(error)
    if code in (404, 410):
        return Gone(f"GitLab does not find it, or the token may not see it, {asked}: {said or code}")
    if code == 401:
        return Unavailable(f"GitLab refuses the token, {asked}; set MATINEE_GITLAB_TOKEN to one that is valid")
    if code == 429:
        until = _again(headers, datetime.now(UTC))
        return Limited(f"GitLab's rate limit is used up, {asked}; try again at {until:%H:%M:%S} UTC", until=until)
    if code == 403:
        return Forbidden(f"GitLab forbids it, {asked}: the token lacks {request.rights}")
    if code == 409:
        return Conflict(f"GitLab changes the same just now, {asked}; try again later")
    if code >= 500:
        return Unsure(f"GitLab answered {code}, {asked}; try again later")
    return Rejected(f"GitLab answered {code}, {asked}: {said or 'it says no more'}")


def _again(headers: Mapping[str, str], now: datetime) -> datetime:
    """When GitLab will answer again: as it says, within an hour, else in a minute."""
    wait, reset = headers.get("retry-after", ""), headers.get("ratelimit-reset", "")
    seconds = float(reset) - now.timestamp() if _number(reset) else 60.0
    return now + timedelta(seconds=min(max(float(wait) if _number(wait) else seconds, 1.0), 3600.0))


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 12


def _message(error: GitlabError) -> str:
    said: Any = error.error_message
    if isinstance(said, bytes):
        said = said.decode("utf-8", "replace")
    text = said if isinstance(said, str) else json.dumps(said)
    return " ".join(text.split())[:300]
