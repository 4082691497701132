"""What of a pull is previewed, as its spec has it: drafts, a label, paths. They filter, they never authorise.

Each looks at the pull as it is now, and at what it was when it was deployed last: so no event has to have come.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.core.composing.variables import listed
from bot.core.deciding.downward import halt, teardown
from bot.core.deciding.plan import Plan
from bot.core.deciding.rerun import chosen
from bot.core.events import Ignored, Pull, Want, Wish
from bot.core.model import Drafts, Preview, Spec
from bot.core.names import Sha
from bot.core.standing import Standing

if TYPE_CHECKING:
    from bot.core.deciding.decide import Situation

DRAFT = "a draft is skipped"
LABEL = "only pulls with the label"
PATHS = "only pushes that touch the paths"
NOTHING = "labels alone deploy nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What differs between two commits."""

    since: Sha
    files: tuple[str, ...]
    """Changed, added, deleted; of a renamed one both names. Sorted."""


def left_out(at: "Situation") -> Plan | Ignored | None:
    """Why a deploy is not to be, or what it comes to in its place; None where no filter speaks against it."""
    if at.pull is None or not isinstance(at.spec, Spec) or by_hand(at.wish):
        return None
    preview = at.spec.preview
    if not carries(at.pull, preview.label):
        return _without_label(at.pull, preview.label or "", at.stands)
    if at.pull.draft and preview.drafts is Drafts.SKIP:
        return _draft(at.pull, at.stands)
    if at.touched is not None and not chosen(at.touched.files, preview.paths):
        return _untouched(at.pull, preview.paths, at.touched.since)
    if at.wish.glance and not at.wish.undone and _nothing_new(at.pull, preview, at.stands):
        return Ignored("nothing that its preview depends on has changed", NOTHING)
    return None


def by_hand(wish: Wish) -> bool:
    """Whether somebody said it: a deploy that a person wants is not filtered."""
    return wish.person or wish.by_hand


def carries(pull: Pull, label: str | None) -> bool:
    """Whether the pull has the label that it needs, whatever its case; one of a forge without labels always has."""
    if label is None or pull.labels is None:
        return True
    return label.casefold() in {each.casefold() for each in pull.labels}


def compares(at: "Situation") -> bool:
    """Whether it matters which files the head touches; not where a deploy was begun that has not come to its end."""
    if at.wish.want is not Want.DEPLOY or by_hand(at.wish) or not isinstance(at.spec, Spec):
        return False
    return bool(at.spec.preview.paths) and (at.stands is None or at.stands.serving == at.stands.sha)


def standing_commit(pull: Pull, spec: Spec, stands: Standing | None) -> Sha | None:
    """The commit that a push is compared with; None where that is the one from which the pull's branch went off."""
    return stands.serving if stands is not None and alike(pull, stands, spec.preview) else None


def alike(pull: Pull, stands: Standing, preview: Preview) -> bool:
    """Whether at most its commits are others than when it was deployed or stopped last."""
    then = stands.pull
    same = then is not None and then.base == pull.base and then.draft == pull.draft
    return same and then is not None and carries(then, preview.label) == carries(pull, preview.label)


def _nothing_new(pull: Pull, preview: Preview, stands: Standing | None) -> bool:
    if stands is None:
        return preview.label is None
    return stands.sha == pull.head and alike(pull, stands, preview)


def _without_label(pull: Pull, label: str, stands: Standing | None) -> Plan | Ignored:
    lacks = f"the pull does not carry the label {label}"
    if stands is None:
        return Ignored(f"{lacks}; add it, or {_by_hand(pull)}", LABEL)
    if stands.by_hand and stands.pull is not None and not carries(stands.pull, label):
        return Ignored(_stays(pull, stands, lacks), LABEL)
    return replace(teardown(stands, why=f"{lacks}; add it, and there is a preview again", force=False), rule=LABEL)


def _draft(pull: Pull, stands: Standing | None) -> Plan | Ignored:
    drafted = "the pull is a draft"
    if stands is not None and not stands.down:
        if stands.by_hand and stands.pull is not None and stands.pull.draft:
            return Ignored(_stays(pull, stands, drafted), DRAFT)
        why = f"{drafted}; mark it as ready for review to bring it back, or {_by_hand(pull)}"
        return replace(halt(stands, why=why), rule=DRAFT)
    return Ignored(f"{drafted}; mark it as ready for review, or {_by_hand(pull)}", DRAFT)


def _untouched(pull: Pull, paths: tuple[str, ...], since: Sha) -> Ignored:
    none = f"commit {pull.head[:7]} touches none of {listed(list(paths))} since {since[:7]}"
    return Ignored(f"{none}; to have it all the same, {_by_hand(pull)}", PATHS)


def _stays(pull: Pull, stands: Standing, why: str) -> str:
    if stands.sha == pull.head:
        return f"{why}, and what was deployed by hand stays as it is"
    return f"{why}, so commit {pull.head[:7]} is left out and what was deployed by hand stays; {_by_hand(pull)}"


def _by_hand(pull: Pull) -> str:
    return f"deploy it by hand: `/preview deploy`, or `matinee deploy {pull.key.environment}`"
