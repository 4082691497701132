"""Which repositories the App may see: what it is taken away from is to go."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from bot.core.events import ActorId, Ignored, Removed
from bot.forges._github.payload import Identified, Shape, User

_NOTHING = {
    "created": "the App was installed; previews begin with the next event of a pull",
    "suspend": "the App was suspended; what stands is kept until it may work again, or is uninstalled",
    "unsuspend": "the App may work again; previews go on with the next event of a pull",
    "new_permissions_accepted": "the App has new permissions",
}


class _Deleted(Shape):
    repositories: list[Identified] = Field(default_factory=list)
    sender: User


class _Changed(Shape):
    repositories_removed: list[Identified]
    sender: User


def read(delivery: str, action: str, payload: Mapping[str, Any]) -> Removed | Ignored:
    """The App was installed, suspended or uninstalled."""
    if action != "deleted":
        return Ignored(_NOTHING.get(action, f"the action {action} of an installation changes no preview"))
    told = _Deleted.model_validate(payload)
    return _removed(delivery, told.repositories, told.sender, f"{told.sender.login} uninstalled the App")


def read_repositories(delivery: str, action: str, payload: Mapping[str, Any]) -> Removed | Ignored:
    """Repositories were added to an installation, or taken out of it."""
    if action == "added":
        return Ignored("the App may see more repositories; previews begin with the next event of a pull")
    if action != "removed":
        return Ignored(f"the action {action} of an installation's repositories changes no preview")
    told = _Changed.model_validate(payload)
    why = f"{told.sender.login} took the repository out of the App's installation"
    return _removed(delivery, told.repositories_removed, told.sender, why)


def _removed(delivery: str, gone: list[Identified], sender: User, why: str) -> Removed | Ignored:
    if not gone:
        return Ignored("the delivery names no repository")
    return Removed(
        delivery=delivery,
        forge="github",
        repositories=tuple(str(each.id) for each in gone),
        actor=sender.login,
        actor_id=ActorId(str(sender.id)),
        why=why,
    )
