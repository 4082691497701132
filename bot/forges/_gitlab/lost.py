"""Deliveries that nobody took, from GitLab's own list of what its webhooks sent in the last days."""

import json
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from pydantic import Field, TypeAdapter

from bot.core.errors import Gone, MatineeError
from bot.core.events import Delivery
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.hook import HOOKS, listed
from bot.forges._gitlab.payload import Id, Shape
from bot.forges._gitlab.request import Forbidden, Request

log = logging.getLogger(__name__)
_MOST = 500
"""How many of a webhook's calls are looked at, the newest."""
_HEARD = frozenset({"merge_request_hooks", "note_hooks"})
_NEW = datetime.max.replace(tzinfo=UTC)


class _Call(Shape):
    id: Id
    trigger: str
    response_status: str | None = None
    """`200`, or words where nobody answered."""
    request_headers: dict[str, str] = Field(default_factory=dict)
    request_data: dict[str, Any] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        named = {name.lower(): value for name, value in self.request_headers.items()}
        return named.get("idempotency-key", str(self.id))

    @property
    def arrived(self) -> bool:
        return (self.response_status or "").startswith("2")


_CALLS = TypeAdapter(list[_Call])


class Blind:
    """Of which projects GitLab shows no such list: said once, for nothing can be done here about it."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, project: str, why: MatineeError) -> None:
        """Write it to the log, the first time."""
        if project not in self._said:
            self._said.add(project)
            log.warning(
                "lost deliveries of project %s cannot be found: %s; its open pulls are compared all the same",
                project,
                why,
            )


def of_projects(api: Api, projects: Iterable[str], since: datetime, blind: Blind) -> Iterator[Delivery]:
    """Of the webhooks of these projects; what one of them does not answer is raised once the others were asked."""
    failed: MatineeError | None = None
    for project in projects:
        try:
            yield from _of_project(api, project, since)
        except (Gone, Forbidden) as error:
            blind.say(project, error)
        except MatineeError as error:
            failed = error
    if failed is not None:
        raise failed


def _of_project(api: Api, project: str, since: datetime) -> Iterator[Delivery]:
    if not project.isdecimal():
        return
    for hook in list(api.pages(listed(project), HOOKS)):
        if hook.ours:
            yield from _of_webhook(api, project, hook.id, since)


def _of_webhook(api: Api, project: str, hook: int, since: datetime) -> Iterator[Delivery]:
    """Oldest first; one that arrived when it was sent again is known by its key."""
    path = f"/projects/{project}/hooks/{hook}/events"
    asked = Request(verb="GET", path=path, doing="list what the webhook sent", rights="the role Maintainer")
    calls = list(islice(api.pages(asked, _CALLS), _MOST))
    arrived = {call.key for call in calls if call.arrived}
    lost = {call.key: call for call in calls if call.trigger in _HEARD and call.key not in arrived}
    for call in reversed(lost.values()):
        if _is_of(project, call) and _when(call) >= since:
            headers = tuple((name.lower(), value) for name, value in call.request_headers.items())
            yield Delivery(headers=headers, body=json.dumps(call.request_data).encode())


def _is_of(project: str, call: _Call) -> bool:
    """Whoever may edit a project's webhook may write its body; that of another project must not come from there."""
    told = call.request_data.get("project")
    return isinstance(told, dict) and str(told.get("id")) == project


def _when(call: _Call) -> datetime:
    """GitLab tells the time of what happened, in one of two forms; what tells none is taken for new."""
    told = call.request_data.get("object_attributes")
    text = str(told.get("updated_at")) if isinstance(told, dict) else ""
    try:
        when = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError:
        return _NEW
    return when if when.tzinfo else when.replace(tzinfo=UTC)
