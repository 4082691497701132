"""What happens to a pull itself."""

from collections.abc import Mapping
from typing import Any

from bot.core.events import ActorId, Event, Happening, Ignored, PullKey
from bot.core.names import Sha
from bot.forges._github.payload import Commit, Identified, Number, Repository, Shape, User
from bot.forges._json import Wrong

_HAPPENINGS = {
    "opened": Happening.OPENED,
    "reopened": Happening.REOPENED,
    "synchronize": Happening.PUSHED,
    "ready_for_review": Happening.READY,
    "converted_to_draft": Happening.DRAFTED,
    "labeled": Happening.LABELLED,
    "unlabeled": Happening.UNLABELLED,
    "closed": Happening.CLOSED,
}


class Base(Shape):
    """Where a pull is to go."""

    repo: Identified


class _Subject(Shape):
    head: Commit
    base: Base


class _Told(Shape):
    number: Number
    pull_request: _Subject
    repository: Repository
    sender: User


def read(delivery: str, action: str, payload: Mapping[str, Any]) -> Event | Ignored:
    """What happened, to which pull."""
    happening = _edited(payload.get("changes")) if action == "edited" else _HAPPENINGS.get(action)
    if happening is None:
        return Ignored(f"the action {action} of a pull changes no preview")
    if isinstance(happening, Ignored):
        return happening
    told = _Told.model_validate(payload)
    if told.pull_request.base.repo.id != told.repository.id:
        raise Wrong("pull_request.base.repo.id: is not the repository that the delivery is about")
    return Event(
        delivery=delivery,
        happening=happening,
        key=PullKey(forge="github", repository=str(told.repository.id), number=told.number),
        repository=told.repository.full_name,
        sha=Sha(told.pull_request.head.sha),
        actor=told.sender.login,
        actor_id=ActorId(str(told.sender.id)),
    )


def _edited(changes: object) -> Happening | Ignored:
    if not isinstance(changes, dict):
        raise Wrong("changes: is missing or no object")
    return Happening.RETARGETED if "base" in changes else Ignored("the pull was edited, but not its base")
