"""What of a repository a decision depends on: who may do what in it, and from where pulls branched off."""

from collections.abc import Iterator
from urllib.parse import quote

from pydantic import TypeAdapter

from bot.core.errors import Gone
from bot.core.events import ActorId, Pull, PullKey
from bot.core.names import Sha
from bot.core.permission import Permission
from bot.forges._github import payload
from bot.forges._github.api import Api, Request
from bot.forges._github.payload import Comparison, Granted, PullRequest, Reference, User

_USER = TypeAdapter(User)
_GRANTED = TypeAdapter(Granted)
_REFERENCE = TypeAdapter(Reference)
_COMPARISON = TypeAdapter(Comparison)
_PULLS = TypeAdapter(list[PullRequest])


def permission(api: Api, key: PullKey, actor: ActorId) -> Permission:
    """Ask by the account's number: its name may be another's by now. Whoever is not found may do nothing."""
    if not (actor.isascii() and actor.isdecimal()):
        return Permission.NONE
    try:
        login = api.ask(_request(f"/user/{actor}", f"ask who account {actor} is", "metadata: read"), _USER).login
        path = f"/repositories/{key.repository}/collaborators/{quote(login, safe='')}/permission"
        granted = api.ask(_request(path, f"ask what {login} may do", "metadata: read"), _GRANTED)
    except Gone:
        return Permission.NONE
    if granted.user is None or str(granted.user.id) != actor:
        return Permission.NONE
    plain, most = _PLAIN.get(granted.permission, (Permission.NONE, Permission.NONE))
    return min(_ROLES.get(granted.role_name, plain), most)


def base(api: Api, pull: Pull) -> Sha:
    """The newest commit of the pull's base branch."""
    path = f"/repositories/{pull.key.repository}/git/ref/heads/{quote(pull.base, safe='/')}"
    return Sha(api.ask(_request(path, f"look up the branch {pull.base}", "contents: read"), _REFERENCE).object.sha)


def merge_base(api: Api, pull: Pull) -> Sha:
    """The commit from which the pull's branch went its own way."""
    path = f"/repositories/{pull.key.repository}/compare/{quote(pull.base, safe='')}...{pull.head}?per_page=1"
    found = api.ask(_request(path, "compare the pull with its base", "contents: read"), _COMPARISON)
    return Sha(found.merge_base_commit.sha)


def open_pulls(api: Api, repository: str) -> Iterator[Pull]:
    """Every open pull of the repository."""
    request = _request(f"/repositories/{repository}/pulls", "list the open pulls", "pull-requests: read")
    for answer in api.pages(request, _PULLS):
        yield payload.pull(PullKey(forge="github", repository=repository, number=answer.number), answer)


_ROLES = {str(each): each for each in Permission}
"""A role of an organisation's own making is none of these; then the plain permission that it is based on counts."""
_PLAIN = {
    "none": (Permission.NONE, Permission.NONE),
    "read": (Permission.READ, Permission.TRIAGE),
    "write": (Permission.WRITE, Permission.MAINTAIN),
    "admin": (Permission.ADMIN, Permission.ADMIN),
}
"""What a plain permission is at least, and at most: whatever a role is called, it gives no more."""


def _request(path: str, doing: str, permission: str) -> Request:
    return Request(verb="GET", path=path, doing=doing, permission=permission)
