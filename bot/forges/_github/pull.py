"""A pull read back from GitHub, and the status on its commit."""

from pydantic import TypeAdapter

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
    request = Request(verb="GET", path=path, doing=f"read pull {key.number}", permission="pull requests: read")
    return payload.pull(key, api.ask(request, _ANSWER))


def mark(api: Api, key: PullKey, sha: Sha, status: Status) -> None:
    """Put the status on the commit."""
    body = {"state": status.state, "description": status.description, "context": status.context}
    if status.url is not None:
        body["target_url"] = status.url
    path = f"/repositories/{key.repository}/statuses/{sha}"
    doing = f"put a status on commit {sha}"
    api.send(Request(verb="POST", path=path, doing=doing, permission="commit statuses: write", body=body))
