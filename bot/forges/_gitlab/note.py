"""What a webhook tells of a note: only a new one of a person's, on a merge request, may be a command."""

import re
from collections.abc import Mapping
from typing import Any

from bot.core.events import ActorId, Commented, Ignored, PullKey, Remark, RemarkKind
from bot.core.telling.comment import OURS
from bot.forges._gitlab.payload import Id, Number, Project, Shape, User
from bot.forges._json import Wrong

LONGEST = 64 * 2**10
"""Characters of a note that is looked at."""
_BOT = re.compile(r"(?:project|group)_\d+_bot(?:_[0-9a-f]+)?|service_account_\w+|ghost|[\w-]+-bot", re.ASCII)
"""The accounts of access tokens, service accounts and GitLab's own."""


class _Attributes(Shape):
    id: Id
    note: str
    noteable_type: str
    system: bool = False
    internal: bool = False
    action: str = "create"
    """Said since GitLab 16.11; before, only a new note was told of."""


class _MergeRequest(Shape):
    iid: Number
    target_project_id: Id


class _About(Shape):
    event_type: str = "note"
    object_attributes: _Attributes


class _Told(Shape):
    user: User
    project: Project
    merge_request: _MergeRequest


def read(delivery: str, payload: Mapping[str, Any]) -> Commented | Ignored:
    """A note that may be a command."""
    about = _About.model_validate(payload)
    note = about.object_attributes
    if note.noteable_type != "MergeRequest":
        return Ignored("the note is on no merge request, so there is no preview")
    told = _Told.model_validate(payload)
    if told.merge_request.target_project_id != told.project.id:
        raise Wrong("merge_request.target_project_id: is not the project that the delivery is about")
    if why := _unheard(about, told.user):
        return Ignored(why)
    return Commented(
        delivery=delivery,
        key=PullKey(forge="gitlab", repository=str(told.project.id), number=told.merge_request.iid),
        repository=told.project.path_with_namespace,
        actor=told.user.username,
        actor_id=ActorId(str(told.user.id)),
        text=note.note,
        remark=Remark(id=str(note.id), kind=RemarkKind.COMMENT),
    )


def _unheard(about: _About, user: User) -> str | None:
    note = about.object_attributes
    if note.action != "create":
        return "a note was edited; only a new one is a command"
    if note.system:
        return "GitLab itself wrote it"
    if _BOT.fullmatch(user.username):
        return "a program wrote it; only people give commands"
    if note.note.lstrip().startswith(OURS):
        return "it is of the bot's own writing"
    if note.internal or about.event_type == "confidential_note":
        return "an internal note; what it asks for would be answered in public"
    if not note.note.strip():
        return "nothing is written there"
    return f"the text has more than {LONGEST} characters" if len(note.note) > LONGEST else None
