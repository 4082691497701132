"""The check on a commit: the report with a conclusion, and each mistake at its line in the pull's files."""

from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal, assert_never

from bot.core.names import Sha, Url
from bot.core.report import Report, State
from bot.core.telling.annotation import Annotation, annotations
from bot.core.telling.comment import LIMIT, body
from bot.core.telling.status import status
from bot.core.telling.wording import HEADLINES

MOST = 50
"""Annotations; GitHub takes no more in one request, and the comment has no more either."""
NAME = "matinee"

Conclusion = Literal["success", "failure", "neutral", "action_required", "cancelled"]
Phase = Literal["queued", "in_progress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """One look at one commit. While it goes on it says little, so that few changes have to be sent."""

    environment: str
    sha: Sha
    outcome: Phase | Conclusion
    title: str
    summary: str
    """Markdown, shorter than 60,000 UTF-16 units."""
    url: Url | None = None
    annotations: tuple[Annotation, ...] = ()

    @property
    def over(self) -> bool:
        """Whether it has come to a conclusion."""
        return self.outcome not in ("queued", "in_progress")


def check_run(report: Report) -> CheckRun | None:
    """The report as a check on its commit; None where it is about none."""
    if report.sha is None:
        return None
    told, outcome = status(report), _outcome(report)
    under_way = outcome in ("queued", "in_progress")
    return CheckRun(
        environment=report.key.environment,
        sha=report.sha,
        outcome=outcome,
        title=HEADLINES[report.state] if under_way else told.description,
        summary="The comment on the pull request follows it." if under_way else body(report, limit=LIMIT),
        url=told.url,
        annotations=() if under_way else tuple(islice(annotations(report), MOST)),
    )


def overtaken(run: CheckRun) -> CheckRun:
    """The same, where its commit is of no interest any more before it came to an end."""
    summary = "Something newer is wanted of this preview."
    return replace(run, outcome="cancelled", title="Preview was overtaken", summary=summary, url=None)


def _outcome(report: Report) -> Phase | Conclusion:
    match report.state:
        case State.QUEUED:
            return "queued"
        case State.DEPLOYING | State.STOPPING | State.DELETING:
            return "in_progress"
        case State.RUNNING | State.DELETED:
            return "success"
        case State.STOPPED | State.ASLEEP:
            return "neutral"
        case State.FAILED | State.STOP_FAILED | State.DELETE_FAILED:
            return "failure"
        case State.REFUSED:
            return "failure" if report.problems else "action_required"
        case _:
            assert_never(report.state)
