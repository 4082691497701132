"""The notes on one merge request, as a thread in which we have our say."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from bot.core.events import PullKey
from bot.core.telling.markdown import GAP
from bot.forges import _sticky
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.payload import Id, Shape
from bot.forges._gitlab.request import Request, Unsure
from bot.forges._sticky import Said


class _Author(Shape):
    id: Id


class _Note(Shape):
    id: Id
    body: str | None = None
    author: _Author | None = None


_ONE = TypeAdapter(_Note)
_MANY = TypeAdapter(list[_Note])


def show(api: Api, key: PullKey, body: str, *, known: int | None = None) -> int:
    """Make `body` our note on the merge request; its id."""
    return _sticky.show(Notes(api, key), inert(body), known=known)


def inert(body: str) -> str:
    """The same with no line that GitLab would take for a quick action: old ones look for them in code, too."""
    return re.sub(r"^(?=/)", GAP, body.replace("\r", ""), flags=re.MULTILINE)


class Notes:
    """Read and written with our token."""

    unsure = Unsure

    def __init__(self, api: Api, key: PullKey) -> None:
        self._api = api
        self._path = f"/projects/{key.repository}/merge_requests/{key.number}/notes"
        self._number = key.number

    @property
    def me(self) -> int:
        """The number of the account that we act as."""
        return self._api.me

    def said(self) -> Iterator[Said]:
        """All of them, oldest first."""
        asked = self._request("GET", "?sort=asc&order_by=created_at", f"list the notes of merge request {self._number}")
        for note in self._api.pages(asked, _MANY):
            yield Said(id=note.id, author=note.author.id if note.author else None, body=note.body or "")

    def post(self, body: str) -> int:
        """A new one; its id."""
        asked = self._request("POST", "", f"write a note on merge request {self._number}", {"body": body})
        return self._api.ask(asked, _ONE).id

    def edit(self, id_: int, body: str) -> None:
        """Another text for one of ours; raises `Gone` where it is not there."""
        self._api.send(self._request("PUT", f"/{id_}", "edit our note", {"body": body}))

    def delete(self, id_: int) -> None:
        """Take one of ours away; raises `Gone` where it is not there."""
        self._api.send(self._request("DELETE", f"/{id_}", "delete a second note of ours"))

    def _request(self, verb: str, path: str, doing: str, body: dict[str, Any] | None = None) -> Request:
        return Request(
            verb=verb, path=f"{self._path}{path}", doing=doing, rights="the scope api and the role Reporter", body=body
        )
