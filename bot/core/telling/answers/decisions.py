"""What `why` is answered with: the recorded decisions, the newest with the facts that it saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.chat.grammar import PREFIX
from bot.core.decision import Decision, Verdict
from bot.core.telling.answers.reply import fitted
from bot.core.telling.comment import LIMIT
from bot.core.telling.markdown import cell, code, sentence
from bot.core.telling.wording import short

_HEADS = {
    Verdict.DEPLOY: "To be deployed",
    Verdict.STOP: "To be stopped",
    Verdict.DELETE: "To be deleted",
    Verdict.ERRAND: "To be done as asked",
    Verdict.IGNORED: "Nothing to be done",
    Verdict.REFUSED: "Refused",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """How much is shown."""

    earlier: int = 5
    facts: int = 20
    width: int = 300
    """Of any one text."""


_ROOMS = (_Room(), _Room(earlier=2), _Room(earlier=0), _Room(earlier=0, width=100), _Room(earlier=0, facts=0, width=60))


def why_answer(decisions: Sequence[Decision], *, limit: int = LIMIT) -> str:
    """The newest decision whole and a few before it in a line each; `decisions` begins with the newest."""
    if not decisions:
        deploy = code(f"{PREFIX} deploy")
        return f"**Nothing was decided** of this pull yet: no event of it has come here. {deploy} asks for a preview."
    return fitted(lambda number: _answer(decisions, _ROOMS[number]), range(len(_ROOMS)), limit)


def _answer(decisions: Sequence[Decision], room: _Room) -> str:
    newest, *earlier = decisions[: 1 + room.earlier]
    head = f"**{_HEADS[newest.verdict]}**: {sentence(newest.why, limit=2 * room.width)}"
    before = [
        f"- {when(each.at)}: {_HEADS[each.verdict].lower()}: {sentence(each.why, limit=room.width)}" for each in earlier
    ]
    return "\n\n".join([head, _facts(newest, room), *(["\n".join(["Before that:", "", *before])] if before else [])])


def _facts(decision: Decision, room: _Room) -> str:
    cause = f"{decision.cause} ({decision.actor})" if decision.actor else decision.cause
    commit = [("Commit", f"`{short(decision.sha)}`")] if decision.sha else []
    facts = [
        (cell(name, limit=room.width), cell(fact, limit=room.width))
        for name, fact in [*decision.facts.items()][: room.facts]
    ]
    known = [("Decided", when(decision.at)), ("Rule", cell(decision.rule, limit=room.width))]
    rows = [*known, ("Because", cell(cause, limit=room.width)), *commit, *facts]
    return "\n".join(["| Fact | |", "|:--|:--|", *(f"| {name} | {fact} |" for name, fact in rows)])


def when(moment: datetime) -> str:
    """`2026-11-26 15:38 UTC`"""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
