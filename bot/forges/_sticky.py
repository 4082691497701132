"""One text of ours in a thread of comments, known by its first line and by its author, whatever the forge."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from bot.core.errors import Gone, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One comment in the thread."""

    id: int
    author: int | None
    body: str


class Thread(Protocol):
    """The comments on one pull."""

    @property
    def me(self) -> int:
        """The number of the account that we act as."""
        ...

    @property
    def unsure(self) -> type[Unavailable]:
        """What is raised where the answer was lost."""
        ...

    def said(self) -> Iterator[Said]:
        """All of them."""
        ...

    def post(self, body: str) -> int:
        """A new one; its id."""
        ...

    def edit(self, id_: int, body: str) -> None:
        """Another text for one of ours; raises `Gone` where it is not there."""
        ...

    def delete(self, id_: int) -> None:
        """Take one of ours away; raises `Gone` where it is not there."""
        ...


def show(thread: Thread, body: str, *, known: int | None = None) -> int:
    """Make `body` our comment, in place where there is one; its id, by which it is found at once later."""
    if known is not None and _edited(thread, known, body):
        return known
    found = _ours(thread, body)
    return _kept(thread, found, body) if found else _posted(thread, body)


def _kept(thread: Thread, found: list[Said], body: str) -> int:
    first, *later = sorted(found, key=lambda said: said.id)
    for said in later:
        _deleted(thread, said.id)
    if first.body.rstrip() == body.rstrip() or _edited(thread, first.id, body):
        return first.id
    return _posted(thread, body)


def _posted(thread: Thread, body: str) -> int:
    """Post it, then look: whoever posted at the same time looks too, and both keep the older one."""
    try:
        posted = thread.post(body)
    except thread.unsure:
        if found := _ours(thread, body):
            return _kept(thread, found, body)
        raise
    found = _ours(thread, body)
    return posted if len(found) < 2 else _kept(thread, found, body)


def _edited(thread: Thread, id_: int, body: str) -> bool:
    try:
        thread.edit(id_, body)
    except Gone:
        return False
    return True


def _deleted(thread: Thread, id_: int) -> None:
    try:
        thread.delete(id_)
    except Gone:
        return


def _ours(thread: Thread, body: str) -> list[Said]:
    marker = _first_line(body)
    return [said for said in thread.said() if said.author == thread.me and _first_line(said.body) == marker]


def _first_line(body: str) -> str:
    return body.partition("\n")[0].rstrip()
