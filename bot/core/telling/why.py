"""What was decided of an environment, in words that every door shows alike; no markup, and not harmless yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.decision import Decision, Verdict
from bot.core.telling.wording import short

NOTHING = "nothing was decided of it yet"
_VERDICTS = {
    Verdict.DEPLOY: "deployed",
    Verdict.STOP: "stopped",
    Verdict.DELETE: "deleted",
    Verdict.ERRAND: "done as asked",
    Verdict.IGNORED: "not deployed",
    Verdict.REFUSED: "refused",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One decision, told."""

    at: datetime
    headline: str
    """`not deployed: the pull is a draft; …`"""
    rule: str
    cause: str
    """`ana: the pull was pushed (commit 1a2b3c4)`"""
    facts: tuple[tuple[str, str], ...]


def reasons(decisions: Sequence[Decision]) -> tuple[Reason, ...]:
    """Each decision told, in the order given."""
    return tuple(map(reason, decisions))


def reason(decision: Decision) -> Reason:
    """One decision told."""
    commit = f" (commit {short(decision.sha)})" if decision.sha else ""
    what = _VERDICTS[decision.verdict]
    said = decision.why and decision.why != decision.cause
    return Reason(
        at=decision.at,
        headline=f"{what}: {decision.why}" if said else what,
        rule=decision.rule,
        cause=f"{decision.actor}: {decision.cause}{commit}" if decision.cause else f"{decision.actor}{commit}",
        facts=tuple(decision.facts.items()),
    )


def decision_document(decision: Decision) -> dict[str, object]:
    """One decision as plain JSON values."""
    return {
        "at": decision.at.isoformat(),
        "generation": decision.generation,
        "verdict": decision.verdict.value,
        "rule": decision.rule,
        "why": decision.why,
        "cause": decision.cause,
        "actor": decision.actor,
        "sha": decision.sha,
        "facts": dict(decision.facts),
    }
