"""A pull read back from GitHub, and the status on its commit."""

from pydantic import BaseModel, TypeAdapter

from bot.core.errors import Gone
from bot.core.events import Pull, PullKey
from bot.core.names import Sha
from bot.core.telling.status import Status
from bot.forges._github import payload
from bot.forges._github.api import Api, Rejected, Request
from bot.forges._github.payload import PullRequest

Unmarkable = (Gone, Rejected)
"""The commit cannot be given a status: it is not in this repository, or has a thousand of them."""

_ANSWER = TypeAdapter(PullRequest)


def pull(api: Api, key: PullKey) -> Pull:
    """Ask for the pull by the repository's number, which no rename changes."""
    path = f"/repositories/{key.repository}/pulls/{key.number}"
    request = Request(verb="GET", path=path, doing=f"read pull {key.number}", permission="pull-requests: read")
    return payload.pull(key, api.ask(request, _ANSWER))


class _Mark(BaseModel):
    id: int
    state: str
    context: str
    description: str | None = None
    target_url: str | None = None


_MARKS = TypeAdapter(list[_Mark])


def mark(api: Api, key: PullKey, sha: Sha, status: Status, *, doubtful: bool) -> None:
    """Put the status on the commit; where it is doubtful what it has, look first whether it is there already."""
    if doubtful and _marked(api, key, sha, status):
        return
    body = {"state": status.state, "description": status.description, "context": status.context}
    if status.url is not None:
        body["target_url"] = status.url
    path = f"/repositories/{key.repository}/statuses/{sha}"
    doing = f"put a status on commit {sha}"
    api.send(Request(verb="POST", path=path, doing=doing, permission="statuses: write", body=body))


def _marked(api: Api, key: PullKey, sha: Sha, status: Status) -> bool:
    path = f"/repositories/{key.repository}/commits/{sha}/statuses?per_page=100"
    doing = f"read the statuses of commit {sha}"
    marks = api.ask(Request(verb="GET", path=path, doing=doing, permission="statuses: write"), _MARKS)
    ours = (mark for mark in marks if mark.context == status.context)
    newest = max(ours, key=lambda mark: mark.id, default=None)
    shown = newest and (newest.state, newest.description or "", newest.target_url or None)
    return shown == (status.state, status.description, status.url)
