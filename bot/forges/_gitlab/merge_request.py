"""What a webhook tells of a merge request: opened, pushed to, changed, closed."""

from collections.abc import Mapping
from typing import Any

from bot.core.events import ActorId, Event, Happening, Ignored, PullKey
from bot.core.names import Sha
from bot.forges._gitlab.payload import Commit, CommitId, Id, Number, Project, Shape, User
from bot.forges._json import Wrong

NONE = Sha("0" * 40)
"""How git writes that there is no commit."""
_NAMES = {
    "open": Happening.OPENED,
    "reopen": Happening.REOPENED,
    "close": Happening.CLOSED,
    "merge": Happening.CLOSED,
}


class _Attributes(Shape):
    iid: Number
    target_project_id: Id
    last_commit: Commit | None = None
    oldrev: CommitId | None = None
    action: str | None = None


class _Told(Shape):
    user: User
    project: Project
    object_attributes: _Attributes


def read(delivery: str, payload: Mapping[str, Any]) -> Event | Ignored:
    """What happened to it, if that is anything to a preview."""
    told = _Told.model_validate(payload)
    about = told.object_attributes
    if about.target_project_id != told.project.id:
        raise Wrong("object_attributes.target_project_id: is not the project that the delivery is about")
    happening = _happening(about, payload.get("changes"))
    if isinstance(happening, Ignored):
        return happening
    if about.last_commit is None and happening is not Happening.CLOSED:
        return Ignored("the merge request has no commit yet")
    return Event(
        delivery=delivery,
        happening=happening,
        key=PullKey(forge="gitlab", repository=str(told.project.id), number=about.iid),
        repository=told.project.path_with_namespace,
        sha=Sha(about.last_commit.id) if about.last_commit else NONE,
        actor=told.user.username,
        actor_id=ActorId(str(told.user.id)),
    )


def _happening(about: _Attributes, changes: object) -> Happening | Ignored:
    if about.action is None:
        return Ignored("a test of the webhook: it works")
    if about.action != "update":
        return _NAMES.get(about.action) or Ignored(f"{_word(about.action)} changes no preview")
    if about.oldrev is not None:
        return Happening.PUSHED
    return _changed(changes if isinstance(changes, dict) else {})


def _changed(changes: Mapping[str, Any]) -> Happening | Ignored:
    if "target_branch" in changes:
        return Happening.RETARGETED
    for name in ("draft", "work_in_progress"):
        if name in changes:
            return Happening.DRAFTED if _side(changes[name], "current") is True else Happening.READY
    if "labels" in changes:
        before, after = (_titles(_side(changes["labels"], side)) for side in ("previous", "current"))
        return Happening.UNLABELLED if after < before else Happening.LABELLED
    return Ignored("the merge request was edited, but nothing that a preview depends on")


def _side(change: object, side: str) -> object:
    return change.get(side) if isinstance(change, dict) else None


def _titles(labels: object) -> frozenset[str]:
    each = labels if isinstance(labels, list) else []
    return frozenset(str(label.get("title")) for label in each if isinstance(label, dict))


def _word(action: str) -> str:
    return f"the action {action}" if action.isascii() and action.isalpha() and len(action) < 40 else "this action"
