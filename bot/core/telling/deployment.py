"""The deployments of one preview as forges list them: where each commit is, and which are over."""

from dataclasses import dataclass
from typing import Literal, assert_never

from bot.core.names import Sha, Url
from bot.core.report import Report, State
from bot.core.telling.status import status
from bot.core.telling.wording import HEADLINES

Phase = Literal["in_progress", "success", "failure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Of one commit. `description` has at most 140 characters."""

    sha: Sha
    phase: Phase
    description: str
    url: Url | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployments:
    """Of one preview: the one told of, the one of the commit that goes on serving; any other is over."""

    newest: Deployment | None = None
    serving: Sha | None = None
    gone: bool = False
    """The preview is deleted, and its place among the forge's environments may go, too."""

    @property
    def over(self) -> bool:
        """Nothing of it is up or coming up."""
        return self.newest is None and self.serving is None


def deployments(report: Report) -> Deployments | None:
    """What is to be shown; None where nothing changes yet."""
    match report.state:
        case State.QUEUED | State.STOPPING | State.DELETING:
            return None
        case State.DEPLOYING:
            return Deployments(newest=_of(report, "in_progress"), serving=report.serving)
        case State.RUNNING:
            return Deployments(newest=_of(report, "success"), serving=report.serving)
        case State.FAILED:
            return Deployments(newest=_of(report, "failure"), serving=report.serving)
        case State.REFUSED:
            return Deployments(serving=report.serving)
        case State.STOPPED | State.ASLEEP | State.STOP_FAILED | State.DELETE_FAILED:
            return Deployments()
        case State.DELETED:
            return Deployments(gone=True)
        case _:
            assert_never(report.state)


def _of(report: Report, phase: Phase) -> Deployment | None:
    if report.sha is None:
        return None
    told = status(report)
    said = HEADLINES[report.state] if phase == "in_progress" else told.description
    return Deployment(sha=report.sha, phase=phase, description=said, url=told.url if phase == "success" else None)
