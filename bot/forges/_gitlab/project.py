"""What the webhook of a group tells of its projects: which is no more."""

from collections.abc import Mapping
from typing import Any

from bot.core.events import NOBODY, Removed
from bot.forges._gitlab.payload import FullPath, Id, Shape


class _Told(Shape):
    project_id: Id
    path_with_namespace: FullPath


def read_removed(delivery: str, payload: Mapping[str, Any]) -> Removed:
    """A project was removed; GitLab does not tell who did it."""
    told = _Told.model_validate(payload)
    return Removed(
        delivery=delivery,
        forge="gitlab",
        repositories=(str(told.project_id),),
        actor="gitlab",
        actor_id=NOBODY,
        why=f"the project {told.path_with_namespace} was removed",
        final=False,
    )
