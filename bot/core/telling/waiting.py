"""Whether a commit's preview is up, will yet be, or never will: what `matinee wait` ends with, and why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bot.core.deciding.lane import Lane
from bot.core.decision import Decision, Verdict
from bot.core.events import Want
from bot.core.names import Sha
from bot.core.report import Report, State
from bot.core.telling.wording import HEADLINES, failed, located, short


class End(StrEnum):
    """Why the commit's preview does not come up any more."""

    FAILED = "failed"
    INVALID = "invalid"
    """The commit's spec is."""
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    AWAY = "away"
    """Stopped or deleted."""
    LEFT_OUT = "left out"
    """Filters of its spec leave it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """The commit serves."""

    report: Report


@dataclass(frozen=True, slots=True)
class NotYet:
    """It may come yet; `why` says what is missing, to go after 'it is'."""

    why: str


@dataclass(frozen=True, slots=True)
class Over:
    """It will not come without somebody's doing."""

    end: End
    why: str


def look(
    lane: Lane | None, report: Report | None, *, commit: str, heard: bool, decided: Decision | None = None
) -> Up | NotYet | Over:
    """Judge one environment for a commit, or where that is empty for the newest wanted.

    `commit` may be abbreviated. `heard`: this environment was told of it at some time, so that it is not still to come.
    `decided`: what was decided of it last.
    """
    if lane is None:
        return NotYet("not known here yet: no delivery of it has come")
    verdict = _look(lane, report, commit=commit, heard=heard)
    if isinstance(verdict, NotYet) and (why := _left_out(lane, decided, commit)):
        return Over(End.LEFT_OUT, why)
    return verdict


def _look(lane: Lane, report: Report | None, *, commit: str, heard: bool) -> Up | NotYet | Over:
    match lane.wish.want:
        case Want.DEPLOY if not names(commit, lane.wish.sha):
            return _other(lane.wish.sha, commit, heard=heard)
        case Want.DEPLOY:
            return _deploy(lane, report, commit)
        case Want.STOP | Want.DELETE if commit and not heard:
            return NotYet(f"{_away(lane)}, and no delivery has told of {short(Sha(commit))} yet")
        case Want.STOP | Want.DELETE:
            return Over(End.AWAY, f"the preview is {_away(lane)}: {lane.wish.why}")
        case Want.ERRAND:
            raise ValueError("an errand is never the state that is wanted")
        case _:
            assert_never(lane.wish.want)


def names(commit: str, sha: Sha | None) -> bool:
    """Whether this is that commit; an empty one means any."""
    return not commit or (sha is not None and sha.startswith(commit))


def known(commit: str, lane: Lane, report: Report | None) -> bool:
    """Whether the environment as it is now has to do with the commit."""
    shas = (lane.wish.sha, *((report.sha, report.serving) if report else ()))
    return bool(commit) and any(names(commit, sha) for sha in shas)


def _left_out(lane: Lane, decided: Decision | None, commit: str) -> str:
    """Why nothing came of the lane's newest generation, which was for this commit; empty where something did."""
    if lane.due or decided is None or decided.generation != lane.generation or not names(commit, lane.wish.sha):
        return ""
    return decided.why if decided.verdict is Verdict.IGNORED else ""


def _other(wanted: Sha | None, commit: str, *, heard: bool) -> NotYet | Over:
    if heard and wanted is not None:
        return Over(End.SUPERSEDED, f"commit {short(Sha(commit))} is superseded by {short(wanted)}")
    return NotYet(f"not told of {short(Sha(commit))} yet; it has {short(wanted) or 'none'}")


def _deploy(lane: Lane, report: Report | None, commit: str) -> Up | NotYet | Over:
    """Of what an errand or an older generation told, nothing counts while the deploy is still to be done."""
    undone = lane.pending or (lane.unreached and (report is None or report.generation != lane.generation))
    if report is None or undone:
        return NotYet("queued")
    match report.state:
        case State.RUNNING if report.serving is not None and names(commit, report.serving):
            return Up(report=report)
        case State.FAILED:
            return Over(End.FAILED, _failure(report))
        case State.REFUSED:
            return Over(End.INVALID if report.problems else End.REFUSED, report.why)
        case State.STOPPED | State.ASLEEP | State.DELETED | State.STOP_FAILED | State.DELETE_FAILED:
            return Over(End.AWAY, ": ".join(part for part in (f"the preview is {report.state}", report.why) if part))
        case _:
            return NotYet(f"{report.state}: {report.why}" if report.why else f"{report.state}")


def _failure(report: Report) -> str:
    steps = [f"{step.name}: {located(step)}" for step in failed(report)]
    return f"the deploy of {short(report.sha)} failed: {'; '.join(steps) or report.why or HEADLINES[report.state]}"


def _away(lane: Lane) -> str:
    if lane.wish.want is Want.STOP:
        return "being stopped" if lane.due else "stopped"
    return "being deleted" if lane.due else "deleted"
