"""What a decision looked at, in words, for whoever asks for it later."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from bot.core.approval import Allowed
from bot.core.deciding.filters import by_hand, carries
from bot.core.deciding.plan import Plan
from bot.core.deciding.rerun import chosen
from bot.core.deciding.trust import Trust, judged
from bot.core.decision import Decision, Verdict
from bot.core.events import Ignored, Pull, Want, Wish
from bot.core.model import Spec
from bot.core.standing import Standing

if TYPE_CHECKING:
    from bot.core.deciding.decide import Refused, Situation

MOST = 5
"""How many labels or files of a sort are named."""
_WIDTH = 100
_RULES = {
    Want.DEPLOY: "what nothing speaks against is deployed",
    Want.STOP: "what is to be stopped is stopped",
    Want.DELETE: "what is to go is deleted",
    Want.ERRAND: "what was asked for is done",
}
_VERDICTS = {
    Want.DEPLOY: Verdict.DEPLOY,
    Want.STOP: Verdict.STOP,
    Want.DELETE: Verdict.DELETE,
    Want.ERRAND: Verdict.ERRAND,
}


def decision(at: "Situation", came: "Plan | Refused | Ignored", *, generation: int, now: datetime) -> Decision:
    """What is kept of a decision."""
    if isinstance(came, Plan):
        verdict, rule = _VERDICTS[came.want], came.rule or _RULES[came.want]
    else:
        verdict = Verdict.IGNORED if isinstance(came, Ignored) else Verdict.REFUSED
        rule = came.rule or "what cannot be deployed is refused"
    return Decision(
        at=now,
        generation=generation,
        verdict=verdict,
        rule=rule,
        why=came.why,
        cause=at.wish.why,
        actor=at.wish.actor,
        sha=at.wish.sha,
        facts=dict(facts(at)),
    )


def unheard(wish: Wish, ignored: Ignored, *, now: datetime) -> Decision:
    """What is kept of a wish that a rule kept away before any turn."""
    return Decision(
        at=now,
        generation=0,
        verdict=Verdict.IGNORED,
        rule=ignored.rule,
        why=ignored.why,
        cause=wish.why,
        actor=wish.actor,
        sha=wish.sha,
    )


def facts(at: "Situation") -> Iterator[tuple[str, str]]:
    """Each thing that there was to look at, with how it was."""
    if at.pull is not None:
        yield from _of_pull(at.pull)
    if isinstance(at.spec, Spec) and at.pull is not None:
        yield from _of_filters(at.spec, at.pull)
    if at.pull is not None and at.wish.want is Want.DEPLOY:
        yield from _of_trust(at.wish, at.pull, at.trust)
    if at.touched is not None:
        yield "compared with", at.touched.since
        matched = chosen(at.touched.files, at.spec.preview.paths) if isinstance(at.spec, Spec) else ()
        yield "touched", _few(matched) or f"none of them ({len(at.touched.files)} others)"
    yield "stands", _standing(at.stands)
    if by_hand(at.wish):
        yield "by hand", "yes"


def _of_pull(pull: Pull) -> Iterator[tuple[str, str]]:
    yield "pull", "open" if pull.open else "closed"
    yield "head", pull.head
    yield "draft", _word(yes=pull.draft)
    yield "fork", _word(yes=pull.fork)
    if pull.labels is not None:
        yield "labels", _few(tuple(sorted(pull.labels))) or "none"


def _of_trust(wish: Wish, pull: Pull, trust: Trust) -> Iterator[tuple[str, str]]:
    """Who was asked about, and whose word it is that counts."""
    for actor in trust.actors:
        may = "trusted by the operator" if actor.listed else f"may {actor.permission}"
        yield f"{actor.login} ({actor.id})", may if actor.shown else f"{may}, but is not shown to have acted"
    found = judged(wish, pull, trust)
    if isinstance(found, Allowed):
        yield "let run by", f"{found.by} ({found.ground})"
    else:
        yield "spec", "the base branch's"


def _of_filters(spec: Spec, pull: Pull) -> Iterator[tuple[str, str]]:
    preview = spec.preview
    yield "drafts in the spec", preview.drafts.value
    if preview.label is not None:
        yield "label in the spec", f"{preview.label} ({'carried' if carries(pull, preview.label) else 'not carried'})"
    if preview.paths:
        yield "paths in the spec", _few(preview.paths)


def _standing(stands: Standing | None) -> str:
    if stands is None:
        return "nothing"
    how = "down" if stands.down else ("up" if stands.serving == stands.sha else "in part")
    return f"{stands.sha[:7]}, {how}" + (", deployed by hand" if stands.by_hand else "")


def _few(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(name[:_WIDTH] for name in names[:MOST]) + more


def _word(*, yes: bool) -> str:
    return "yes" if yes else "no"
