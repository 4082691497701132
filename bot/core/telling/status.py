"""The commit status: a report in one word and one short line."""

from dataclasses import dataclass
from typing import Literal, assert_never

from bot.core.names import Url
from bot.core.report import Report, State, StepLine
from bot.core.telling.markdown import address, bounded, inert
from bot.core.telling.wording import HEADLINES, failed, located, progress, reachable, short, still_serving

Verdict = Literal["pending", "success", "failure", "error"]
LIMIT = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a forge shows beside a commit. `description` has at most 140 characters."""

    state: Verdict
    description: str
    url: Url | None = None
    context: str = "matinee"
    waiting: bool = False
    """It is pending because nothing was begun yet."""


def status(report: Report) -> Status:
    """The verdict on this commit; a link only where something answers."""
    urls = reachable(report)
    url = urls[0][1] if urls and address(urls[0][1]) else None
    waiting, described = report.state is State.QUEUED, bounded(_description(report), LIMIT)
    return Status(state=_verdict(report), description=described, url=url, waiting=waiting)


def _verdict(report: Report) -> Verdict:
    match report.state:
        case State.QUEUED | State.DEPLOYING | State.STOPPING | State.DELETING:
            return "pending"
        case State.RUNNING | State.DELETED:
            return "success"
        case State.STOPPED | State.ASLEEP:
            return "success" if report.serving == report.sha else "pending"
        case State.FAILED:
            return "failure"
        case State.REFUSED:
            return "failure" if report.problems else "error"
        case State.STOP_FAILED | State.DELETE_FAILED:
            return "error"
        case _:
            assert_never(report.state)


def _description(report: Report) -> str:
    said = HEADLINES[report.state]
    if far := progress(report):
        return f"{said}: {far}"
    if report.state is State.RUNNING:
        return f"{said} at {report.url}" if report.url and address(report.url) else said
    if serving := still_serving(report):
        said += f" ({short(serving)} goes on serving)"
    culprits = [_culprit(step) for step in failed(report)[:1]]
    told = culprits or [inert(report.why)]
    return ": ".join(part for part in (said, *told) if part)


def _culprit(step: StepLine) -> str:
    return inert(f"{step.name}: {located(step)}" if located(step) else step.name)
