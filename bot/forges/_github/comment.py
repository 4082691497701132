"""The comments on one pull, as a thread in which we have our say."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.core.events import PullKey
from bot.forges import _sticky
from bot.forges._github.api import Api, Request, Unsure
from bot.forges._sticky import Said


class _Author(BaseModel):
    id: int


class _Comment(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: int
    user: _Author | None
    body: str | None


_ONE = TypeAdapter(_Comment)
_MANY = TypeAdapter(list[_Comment])


def show(api: Api, key: PullKey, body: str, *, known: int | None = None) -> int:
    """Make `body` our comment on the pull; its id."""
    return _sticky.show(Comments(api, key), body, known=known)


class Comments:
    """Read and written with our token."""

    unsure = Unsure

    def __init__(self, api: Api, key: PullKey) -> None:
        self._api = api
        self._issues = f"/repositories/{key.repository}/issues"
        self._number = key.number

    @property
    def me(self) -> int:
        """The number of the account that we act as."""
        return self._api.me

    def said(self) -> Iterator[Said]:
        """All of them, oldest first."""
        asked = self._request("GET", f"/{self._number}/comments", f"list the comments of pull {self._number}")
        for comment in self._api.pages(asked, _MANY):
            yield Said(id=comment.id, author=comment.user.id if comment.user else None, body=comment.body or "")

    def post(self, body: str) -> int:
        """A new one; its id."""
        path, doing = f"/{self._number}/comments", f"comment on pull {self._number}"
        return self._api.ask(self._request("POST", path, doing, {"body": body}), _ONE).id

    def edit(self, id_: int, body: str) -> None:
        """Another text for one of ours; raises `Gone` where it is not there."""
        self._api.send(self._request("PATCH", f"/comments/{id_}", "edit the comment", {"body": body}))

    def delete(self, id_: int) -> None:
        """Take one of ours away; raises `Gone` where it is not there."""
        self._api.send(self._request("DELETE", f"/comments/{id_}", "delete a second comment of ours"))

    def _request(self, verb: str, path: str, doing: str, body: dict[str, Any] | None = None) -> Request:
        permission = "pull-requests: write"
        return Request(verb=verb, path=f"{self._issues}{path}", doing=doing, permission=permission, body=body)
