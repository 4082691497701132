"""What an environment was not told: the pull as the forge shows it, against what its lane knows."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.core.deciding.filters import carries
from bot.core.deciding.lane import Lane, deleted_by_hand
from bot.core.deciding.turns import told
from bot.core.events import Event, Happening, Pull, Want, Wish, wish
from bot.core.model import Spec
from bot.core.names import EnvironmentId
from bot.core.report import Report

if TYPE_CHECKING:
    from bot.core.deciding.decide import Situation

FEW = 3
"""So many may be deleted at once, whatever the share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What of a pull, beside its commit, the last turn has looked at."""

    base: str
    draft: bool
    labels: frozenset[str] | None
    label: str | None
    """The one that it had, and without which there is no preview."""


def looked_at(at: "Situation") -> Seen | None:
    """What a turn has seen; None where it did not look whether the pull is to be previewed."""
    if at.wish.want is not Want.DEPLOY or at.pull is None:
        return None
    return seen(at.pull, at.spec.preview.label if isinstance(at.spec, Spec) else None)


def seen(pull: Pull, label: str | None) -> Seen:
    """What there is to see of this pull, whose spec asks for that label."""
    return Seen(base=pull.base, draft=pull.draft, labels=pull.labels, label=label if carries(pull, label) else None)


def missed(lane: Lane | None, report: Report | None, pull: Pull, before: Seen | None = None) -> Wish | None:
    """What an open pull's lane would want, had everything been delivered; None where nothing is missing."""
    if lane is None:
        return _deploy(pull, "it was opened, and no delivery told of it")
    if lane.due and lane.wish.want is not Want.DEPLOY:
        return None  # its turn reads the pull itself
    if lane.wish.want is Want.DELETE and not lane.wish.lapsed:
        return None if deleted_by_hand(lane) else _deploy(pull, "it is open again, and no delivery told of it")
    if told(lane, report) in (pull.head, None):
        return None if lane.due or before is None else _beside(pull, before)
    return _deploy(pull, f"its head is {pull.head[:7]}, and no delivery told of it")


def ends(lane: Lane | None, pull: Pull, before: Seen | None) -> bool:
    """Whether what was missed takes a preview down with everything in it: the label that it needs is gone."""
    lost = before is not None and not carries(pull, before.label)
    return lost and lane is not None and stands(lane)


def closed(pull: Pull) -> Wish:
    """What a pull that is closed for certain wants."""
    return Wish(
        key=pull.key,
        repository=pull.repository,
        want=Want.DELETE,
        sha=None,
        actor=pull.author,
        actor_id=pull.author_id,
        why="the pull is closed, and no delivery told of it",
    )


def stands(lane: Lane) -> bool:
    """Whether something is wanted to be there that a closed pull would end."""
    return lane.wish.want is not Want.DELETE


def too_many(deletes: int, standing: int, *, percent: int) -> str:
    """Why so many are not deleted before somebody has said so; empty where they may be."""
    if deletes <= FEW or deletes * 100 <= standing * percent:
        return ""
    return f"{deletes} of {standing} previews would be deleted at once, which is more than {percent} %"


def key_parts(environment: EnvironmentId) -> tuple[str, str, int]:
    """Forge, repository and number that an environment is named after."""
    forge, repository, number = environment.split("-")
    return forge, repository, int(number)


def _beside(pull: Pull, before: Seen) -> Wish | None:
    """The wish that the lost event would have become, by the pull's author; what it comes to is the turn's to say."""
    happening = _happened(pull, before)
    if happening is None:
        return None
    event = Event(
        delivery="",
        happening=happening,
        key=pull.key,
        repository=pull.repository,
        sha=pull.head,
        actor=pull.author,
        actor_id=pull.author_id,
    )
    found = wish(event)
    return replace(found, why=f"{found.why}, and no delivery told of it")


def _happened(pull: Pull, before: Seen) -> Happening | None:
    """Of several things the one after which the turn looks at most."""
    if pull.base != before.base:
        return Happening.RETARGETED
    if pull.draft != before.draft:
        return Happening.DRAFTED if pull.draft else Happening.READY
    if pull.labels is None or before.labels is None or pull.labels == before.labels:
        return None
    return Happening.LABELLED if pull.labels - before.labels else Happening.UNLABELLED


def _deploy(pull: Pull, why: str) -> Wish:
    return Wish(
        key=pull.key,
        repository=pull.repository,
        want=Want.DEPLOY,
        sha=pull.head,
        actor=pull.author,
        actor_id=pull.author_id,
        why=why,
    )
