"""What GitLab itself shows of what a delivery told: whoever may edit some project's webhook may write its body."""

import re
from collections.abc import Iterator
from itertools import islice

from pydantic import TypeAdapter

from bot.core.events import ActorId, Commented, Ignored, Pull
from bot.core.names import Sha
from bot.forges._gitlab import facts
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.payload import CommitId, Id, Login, Moment, Shape
from bot.forges._gitlab.request import Request

_MOST = 100
"""How many of each kind of act are looked at, the newest."""
_WORD = re.compile(
    r"marked this merge request as \*\*ready\*\*|unmarked this merge request as a \*\*Work In Progress\*\*"
    r"|changed target branch from `|deleted the `[^`\n]*` branch\. This merge request now targets"
)
"""How GitLab writes that a merge request became ready, or goes into another branch."""


class _Author(Shape):
    id: Id
    username: Login


class _Note(Shape):
    body: str | None = None
    author: _Author | None = None
    system: bool = False
    internal: bool = False
    confidential: bool | None = False


class _PushData(Shape):
    commit_to: CommitId | None = None
    ref_type: str = ""


class _Push(Shape):
    author_id: Id
    created_at: Moment
    push_data: _PushData | None = None

    def brought(self, head: Sha) -> bool:
        """Whether this is the commit that it put on a branch."""
        return self.push_data is not None and (self.push_data.commit_to, self.push_data.ref_type) == (head, "branch")


class _State(Shape):
    state: str
    user: _Author | None = None


_NOTE = TypeAdapter(_Note)
_NOTES = TypeAdapter(list[_Note])
_PUSHES = TypeAdapter(list[_Push])
_STATES = TypeAdapter(list[_State])


def confirm(api: Api, told: Commented) -> Ignored | None:
    """Why the note is not what it was told to be; raises `Gone` where the merge request has none of this number."""
    if told.remark is None or not (told.remark.id.isascii() and told.remark.id.isdecimal()):
        return Ignored("GitLab knows no remark without a number")
    path = f"{_path(told.key.repository, told.key.number)}/notes/{told.remark.id}"
    return doubt(told, api.ask(_request(path, f"read note {told.remark.id}"), _NOTE))


def doubt(told: Commented, note: _Note) -> Ignored | None:
    """Why what was told is not what is there."""
    if note.system or note.internal or note.confidential:
        return Ignored("on GitLab it is an internal note, or one that GitLab itself wrote")
    if note.author is None or (str(note.author.id), note.author.username) != (told.actor_id, told.actor):
        return Ignored(f"GitLab does not show that {told.actor} wrote it")
    if _plain(note.body or "") != _plain(told.text):
        return Ignored("GitLab shows another text there: it was edited since, or never said that")
    return None


def acted(api: Api, pull: Pull, actor: ActorId) -> bool:
    """Whether one of the acts that may bring a deploy was the account's; each is looked for where GitLab keeps it."""
    return actor == pull.author_id or any(str(each) == actor for each in _actors(api, pull))


def _actors(api: Api, pull: Pull) -> Iterator[int]:
    """Who pushed the head, who reopened it last, and who made it ready or chose another target."""
    number, own = pull.key.number, _path(pull.key.repository, pull.key.number)
    pushes = _request(f"/projects/{pull.key.repository}/events?action=pushed", "look up who pushed")
    heads = [push for push in islice(api.pages(pushes, _PUSHES), _MOST) if push.brought(pull.head)]
    if heads:
        # A push from before says nothing of a merge request that somebody opened later, of that branch.
        opened = facts.merge_request(api, pull.key).created_at
        yield from (push.author_id for push in heads if push.created_at >= opened)
    states = _request(f"{own}/resource_state_events", f"look up who opened merge request {number} again")
    newest = list(islice(api.pages(states, _STATES), 10 * _MOST))[-1:]
    yield from (each.user.id for each in newest if each.state == "reopened" and each.user)
    notes = _request(f"{own}/notes?sort=desc&order_by=created_at", f"look up who changed merge request {number}")
    for note in islice(api.pages(notes, _NOTES), _MOST):
        if note.system and note.author and _WORD.match(note.body or ""):
            yield note.author.id


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _path(repository: str, number: int) -> str:
    return f"/projects/{repository}/merge_requests/{number}"


def _request(path: str, doing: str) -> Request:
    return Request(verb="GET", path=path, doing=doing, rights="the scope read_api or api")
