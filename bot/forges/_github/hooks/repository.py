"""What happens to a repository as a whole."""

from collections.abc import Mapping
from typing import Any

from bot.core.events import ActorId, Ignored, Removed, Renamed
from bot.forges._github.payload import Repository, Shape, User


class _Told(Shape):
    repository: Repository
    sender: User


def read(delivery: str, action: str, payload: Mapping[str, Any]) -> Renamed | Removed | Ignored:
    """It has another name or owner, or is no more."""
    if action not in ("renamed", "transferred", "deleted"):
        return Ignored(f"the action {action} of a repository changes no preview")
    told = _Told.model_validate(payload)
    number, name = str(told.repository.id), told.repository.full_name
    if action != "deleted":
        return Renamed(delivery=delivery, forge="github", repository=number, name=name)
    return Removed(
        delivery=delivery,
        forge="github",
        repositories=(number,),
        actor=told.sender.login,
        actor_id=ActorId(str(told.sender.id)),
        why=f"the repository {name} was deleted",
    )
