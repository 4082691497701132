"""The one comment of ours on a pull, known by its marker and by its author."""

from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.core.errors import Gone
from bot.core.events import PullKey
from bot.forges._github.api import Api, Request, Unsure

_PERMISSION = "pull requests: write"


class _Author(BaseModel):
    id: int


class _Comment(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: int
    user: _Author | None
    body: str | None


_ONE = TypeAdapter(_Comment)
_MANY = TypeAdapter(list[_Comment])


def show(api: Api, key: PullKey, body: str, *, known: int | None) -> int:
    """Make `body` our comment on the pull, in place where there is one; its id, by which it is found at once later."""
    if known is not None and _edited(api, key, known, body):
        return known
    found = _ours(api, key, body)
    return _kept(api, key, found, body) if found else _posted(api, key, body)


def _kept(api: Api, key: PullKey, found: list[_Comment], body: str) -> int:
    first, *later = sorted(found, key=lambda comment: comment.id)
    for comment in later:
        _deleted(api, key, comment.id)
    if (first.body or "").rstrip() == body.rstrip() or _edited(api, key, first.id, body):
        return first.id
    return _posted(api, key, body)


def _posted(api: Api, key: PullKey, body: str) -> int:
    """Post it, then look: whoever posted at the same time looks too, and both keep the older one."""
    request = _request("POST", _thread(key), f"comment on pull {key.number}", body={"body": body})
    try:
        posted = api.ask(request, _ONE)
    except Unsure:
        if found := _ours(api, key, body):
            return _kept(api, key, found, body)
        raise
    found = _ours(api, key, body)
    return posted.id if len(found) < 2 else _kept(api, key, found, body)


def _edited(api: Api, key: PullKey, comment: int, body: str) -> bool:
    try:
        api.send(_request("PATCH", _place(key, comment), "edit the comment", body={"body": body}))
    except Gone:
        return False
    return True


def _deleted(api: Api, key: PullKey, comment: int) -> None:
    try:
        api.send(_request("DELETE", _place(key, comment), "delete a second comment of ours"))
    except Gone:
        return


def _ours(api: Api, key: PullKey, body: str) -> list[_Comment]:
    marker = _first_line(body)
    request = _request("GET", _thread(key), f"list the comments of pull {key.number}")
    return [comment for comment in api.pages(request, _MANY) if _is_ours(comment, api.me, marker)]


def _is_ours(comment: _Comment, me: int, marker: str) -> bool:
    return comment.user is not None and comment.user.id == me and _first_line(comment.body or "") == marker


def _first_line(body: str) -> str:
    return body.partition("\n")[0].rstrip()


def _thread(key: PullKey) -> str:
    return f"/repositories/{key.repository}/issues/{key.number}/comments"


def _place(key: PullKey, comment: int) -> str:
    return f"/repositories/{key.repository}/issues/comments/{comment}"


def _request(verb: str, path: str, doing: str, *, body: dict[str, Any] | None = None) -> Request:
    return Request(verb=verb, path=path, doing=doing, permission=_PERMISSION, body=body)
