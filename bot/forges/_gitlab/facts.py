"""What of a project a decision depends on: its merge requests, who may do what, and from where branches went off."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from urllib.parse import quote

from pydantic import TypeAdapter

from bot.core.errors import Gone
from bot.core.events import ActorId, Pull, PullKey
from bot.core.names import Sha
from bot.core.permission import Permission
from bot.forges._gitlab import answers
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.payload import Commit, Id, Shape
from bot.forges._gitlab.request import Request
from bot.forges._gitlab.roles import WRITING


class _Member(Shape):
    id: Id
    access_level: int
    state: str = "active"
    """Of the account."""
    membership_state: str = "active"
    expires_at: str | None = None


class _Branch(Shape):
    commit: Commit


_MEMBER = TypeAdapter(_Member)
_BRANCH = TypeAdapter(_Branch)
_COMMIT = TypeAdapter(Commit)
_LEVELS = (
    (50, Permission.ADMIN),
    (40, Permission.MAINTAIN),
    (30, Permission.WRITE),
    (20, Permission.TRIAGE),
    (10, Permission.READ),
)
"""GitLab's access levels: owner, maintainer, developer, reporter, guest. What is between two is the lower one."""


def merge_request(api: Api, key: PullKey) -> answers.MergeRequest:
    """Ask for it by the project's number, which no rename changes."""
    path = f"/projects/{key.repository}/merge_requests/{key.number}"
    return api.ask(_request(path, f"read merge request {key.number}"), answers.ONE)


def pull(api: Api, key: PullKey) -> Pull:
    """The pull as it is now."""
    return answers.pull(key, merge_request(api, key))


def open_pulls(api: Api, repository: str) -> Iterator[Pull]:
    """Every open pull of the project that has a commit."""
    path = f"/projects/{repository}/merge_requests?state=opened&scope=all"
    for answer in api.pages(_request(path, "list the open merge requests"), answers.MANY):
        if answer.sha is not None:
            key = PullKey(forge="gitlab", repository=repository, number=answer.iid)
            yield answers.pull(key, answer)


def permission(api: Api, key: PullKey, actor: ActorId, *, writes: str) -> Permission:
    """By the account's number, with what it has of groups. Whoever is not found, blocked or expired may do nothing.

    `writes` is the least role that counts as one that may write; whoever has less may triage at most.
    """
    if not (actor.isascii() and actor.isdecimal()):
        return Permission.NONE
    path = f"/projects/{key.repository}/members/all/{actor}"
    try:
        member = api.ask(_request(path, f"ask what account {actor} may do"), _MEMBER)
    except Gone:
        return Permission.NONE
    if str(member.id) != actor or not _counts(member, datetime.now(UTC).date()):
        return Permission.NONE
    found = next((each for level, each in _LEVELS if member.access_level >= level), Permission.NONE)
    return found if member.access_level >= WRITING[writes] else min(found, Permission.TRIAGE)


def base(api: Api, pull: Pull) -> Sha:
    """The newest commit of the pull's target branch."""
    path = f"/projects/{pull.key.repository}/repository/branches/{quote(pull.base, safe='')}"
    return Sha(api.ask(_request(path, f"look up the branch {pull.base}"), _BRANCH).commit.id)


def merge_base(api: Api, pull: Pull) -> Sha:
    """The commit from which the pull's branch went its own way."""
    refs = f"refs[]={quote(pull.base, safe='')}&refs[]={pull.head}"
    path = f"/projects/{pull.key.repository}/repository/merge_base?{refs}"
    return Sha(api.ask(_request(path, "compare the merge request with its target"), _COMMIT).id)


def _counts(member: _Member, today: date) -> bool:
    if member.state != "active" or member.membership_state != "active":
        return False
    if member.expires_at is None:
        return True
    try:
        return date.fromisoformat(member.expires_at) > today
    except ValueError:
        return False


def _request(path: str, doing: str) -> Request:
    return Request(verb="GET", path=path, doing=doing, rights="the scope read_api or api")
