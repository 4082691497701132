"""Deliveries that nobody took, from GitHub's own list of what its webhooks sent in the last days."""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.core.errors import Gone, MatineeError
from bot.core.events import Delivery
from bot.forges._github.api import Api
from bot.forges._github.permissions import EVENTS
from bot.forges._github.request import Forbidden, Request
from bot.forges._github.webhook import Config

log = logging.getLogger(__name__)
APP_HOOK = "/app/hook"
_HEARD = frozenset({*(each.name for each in EVENTS), "installation", "installation_repositories"})
_PAGES = 20
"""Of a hundred attempts each: as far back as is looked."""
_MOST = 500
"""How many lost deliveries of one webhook are read at one look, the newest; each takes a request."""
_CURSOR = re.compile(r"[?&]cursor=([A-Za-z0-9_.~%-]{1,200})[&>]")


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Hook(_Shape):
    id: int
    active: bool = True
    config: Config


class _Attempt(_Shape):
    id: int
    guid: str
    event: str
    status_code: int
    delivered_at: datetime

    @property
    def arrived(self) -> bool:
        return 200 <= self.status_code < 300


class _Sent(_Shape):
    headers: dict[str, str] | None = None
    payload: dict[str, object] | None = None


class _Read(_Shape):
    request: _Sent


_HOOKS = TypeAdapter(list[_Hook])
_ATTEMPTS = TypeAdapter(list[_Attempt])
_READ = TypeAdapter(_Read)


class Blind:
    """Which repositories' webhooks we may not see: said once, for nothing can be done here about it."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, repository: str, why: MatineeError) -> None:
        """Write it to the log, the first time."""
        if repository not in self._said:
            self._said.add(repository)
            log.warning(
                "lost deliveries of repository %s cannot be found: %s; its open pulls are compared all the same",
                repository,
                why,
            )


def of_repositories(api: Api, repositories: Iterable[str], since: datetime, blind: Blind) -> Iterator[Delivery]:
    """Of the webhooks of these repositories; what one of them does not answer is raised once the others were asked."""
    failed: MatineeError | None = None
    for repository in repositories:
        try:
            yield from _of_repository(api, repository, since)
        except (Gone, Forbidden) as error:
            blind.say(repository, error)
        except MatineeError as error:
            failed = error
    if failed is not None:
        raise failed


def of_webhook(api: Api, path: str, since: datetime) -> Iterator[Delivery]:
    """Of one webhook, oldest first: those of which no attempt arrived."""
    arrived: set[str] = set()
    missing: dict[str, _Attempt] = {}
    for attempt in _attempts(api, path, since):
        if attempt.arrived:
            arrived.add(attempt.guid)
        elif attempt.event in _HEARD:
            missing.setdefault(attempt.guid, attempt)
    lost = [attempt for guid, attempt in missing.items() if guid not in arrived]
    if len(lost) > _MOST:
        log.warning("%s lost %d deliveries; only the newest %d are read", path, len(lost), _MOST)
    for attempt in reversed(lost[:_MOST]):
        if (delivery := _read(api, path, attempt)) is not None:
            yield delivery


def _of_repository(api: Api, repository: str, since: datetime) -> Iterator[Delivery]:
    if not repository.isdecimal():
        return
    base = f"/repositories/{repository}/hooks"
    for hook in api.ask(_request(f"{base}?per_page=100", "list the webhooks"), _HOOKS):
        if hook.config.ours:
            yield from of_webhook(api, f"{base}/{hook.id}", since)


def _attempts(api: Api, path: str, since: datetime) -> Iterator[_Attempt]:
    """Newest first, back to that moment."""
    cursor = ""
    for _ in range(_PAGES):
        request = _request(f"{path}/deliveries?per_page=100{cursor}", "list the deliveries")
        attempts, headers = api.answered(request, _ATTEMPTS)
        for attempt in attempts:
            if attempt.delivered_at < since:
                return
            yield attempt
        if (following := _next(headers.get("link", ""))) is None:
            return
        cursor = f"&cursor={following}"


def _next(link: str) -> str | None:
    """The cursor alone: where GitHub is, the settings say."""
    for part in link.split(","):
        if 'rel="next"' in part and (found := _CURSOR.search(part)):
            return found[1]
    return None


def _read(api: Api, path: str, attempt: _Attempt) -> Delivery | None:
    try:
        sent = api.ask(_request(f"{path}/deliveries/{attempt.id}", "read a delivery"), _READ).request
    except Gone:
        return None
    if sent.headers is None or sent.payload is None:
        return None
    headers = tuple((name.lower(), value) for name, value in sent.headers.items())
    return Delivery(headers=headers, body=json.dumps(sent.payload).encode())


def _request(path: str, doing: str) -> Request:
    return Request(verb="GET", path=path, doing=doing, permission="webhooks: read")
