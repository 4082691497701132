"""What every door says alike of one environment: headline, numbers in words, what to try next. No markup."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.core.chat.grammar import PREFIX
from bot.core.lifetime import moment
from bot.core.names import Sha, Url
from bot.core.report import Report, State, StepLine, StepState
from bot.core.telling.markdown import line

HEADLINES = {
    State.QUEUED: "Preview is queued",
    State.DEPLOYING: "Preview is being deployed",
    State.RUNNING: "Preview is running",
    State.FAILED: "Preview failed",
    State.STOPPING: "Preview is being stopped",
    State.STOPPED: "Preview is stopped",
    State.ASLEEP: "Preview is asleep",
    State.STOP_FAILED: "Preview could not be stopped",
    State.DELETING: "Preview is being deleted",
    State.DELETED: "Preview is deleted",
    State.DELETE_FAILED: "Preview could not be deleted",
    State.REFUSED: "Preview refused",
}
UNDER_WAY = frozenset({State.DEPLOYING, State.STOPPING, State.DELETING})
MEANWHILE = frozenset({State.QUEUED, State.DEPLOYING, State.FAILED, State.REFUSED})
"""Where an older commit may go on serving."""
TALKING = frozenset({"build", "pull", "run", "start", "clone"})
"""Kinds of steps that print something."""
OVER = frozenset(StepState) - {StepState.WAITING, StepState.RUNNING}


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to try next: a command to type, or "" where it is no command, and what comes of it."""

    command: str
    words: str


_UP = Advice("matinee up", "previews the folder as it is then")


def short(sha: Sha | None) -> str:
    """The first seven digits, as forges show a commit."""
    return sha[:7] if sha else ""


def duration(seconds: float | None) -> str:
    """`40 ms`, `1.2 s`, `59 s`, `2 min 5 s`, `1 h 3 min`; nothing for nothing."""
    if seconds is None:
        return ""
    if seconds < 0.095:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest if not hours else 0, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def counted(number: int, noun: str) -> str:
    """`1 step`, `7 steps`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def progress(report: Report) -> str:
    """How far it is, while it is under way; nothing otherwise."""
    if report.state not in UNDER_WAY or not report.steps:
        return ""
    over = sum(step.state in OVER for step in report.steps)
    return f"{over} of {counted(len(report.steps), 'step')} done"


def ending(step: StepLine) -> str:
    """The step's state, with its attempts where there were several."""
    return f"{step.state} ({counted(step.attempts, 'attempt')})" if step.attempts > 1 else str(step.state)


def place(step: StepLine) -> str:
    """`web/Dockerfile:9`, or what is known of it."""
    file = line(step.file)
    return f"{file}:{step.line}" if file and step.line is not None else file


def located(step: StepLine) -> str:
    """The reason with its place, where there is one."""
    return f"{place(step)}: {step.why}" if place(step) and step.why else step.why or place(step)


def failed(report: Report) -> tuple[StepLine, ...]:
    """The steps that failed by themselves."""
    return tuple(step for step in report.steps if step.state is StepState.FAILED)


def still_serving(report: Report) -> Sha | None:
    """The older commit that goes on serving while this one does not."""
    return report.serving if report.state in MEANWHILE else None


def reachable(report: Report) -> tuple[tuple[str, Url], ...]:
    """The URLs behind which something answers now."""
    return report.urls if report.state is State.RUNNING or still_serving(report) else ()


def cause(report: Report) -> str:
    """`report.why` as a sentence: what set it going, or, of what is at rest, why something asked of it was not done."""
    words = line(report.why)
    if not words:
        return ""
    held_up = report.state in {State.QUEUED, State.REFUSED} or (report.state is State.DELETING and failed(report))
    label = "Why" if held_up else "Cause"
    return f"{label}: {words}" if words.endswith((".", "!", "?")) else f"{label}: {words}."


def left_out(report: Report) -> str:
    """Why it is not the newest commit that is shown, as a sentence; nothing where it is."""
    words = line(report.left_out)
    return f"Not deployed: {words}." if words else ""


def _label(report: Report) -> str:
    if report.state in {State.QUEUED, State.REFUSED}:
        return "Why"
    return "Cause" if report.steps or report.state in UNDER_WAY else "Not done"


def note(report: Report) -> str:
    """What the headline leaves open, in one sentence."""
    match report.state:
        case State.QUEUED if _folder(report):
            return "Where no bot serves, the same command goes on with it."
        case State.QUEUED:
            return "It begins by itself; this text follows it."
        case State.DELETED:
            return "Nothing of it is left."
        case State.STOPPED | State.ASLEEP:
            lost = ", ".join(line(step.name) for step in failed(report)[:3])
            warning = f" The stop went on although this failed: {lost}." if lost else ""
            return f"Nothing of it runs; its volumes and outputs are kept.{warning}"
        case State.STOP_FAILED:
            return "Something of it still runs."
        case State.DELETE_FAILED:
            return "What is left of it is kept until a delete succeeds."
        case _:
            return ""


def living(report: Report) -> str:
    """When it sleeps and ends by itself, in one sentence; nothing where it does neither."""
    coming = [("is stopped", report.sleeps_at), ("is deleted", report.expires_at)]
    told = [f"{what} on {moment(at)}" for what, at in coming if at is not None]
    return f"It {' and '.join(told)}, unless something is pushed before." if told else ""


def ending_soon(at: datetime) -> str:
    """What is said of a preview whose end is near."""
    return (
        f"This preview is deleted on {moment(at)} with everything in it, unless something is pushed before. "
        "`/preview extend 24h` keeps it a day longer."
    )


def said(*words: str) -> str:
    """A command as it is said on a pull."""
    return " ".join((PREFIX, *words))


def typed(report: Report, command: str, *words: str) -> str:
    """The same as it is typed."""
    return " ".join(("matinee", command, report.key.environment, *words))


def advice(report: Report, *, chat: bool) -> tuple[Advice, ...]:
    """The exact commands to try next, the most likely one first: to be said on the pull, or typed at a terminal."""
    command = said if chat else partial(typed, report)
    deploy = command("deploy")
    stop = Advice(command("stop"), "takes it down and keeps its volumes")
    delete = Advice(command("delete"), "removes it with everything in it")
    failing, running = (_logs(report, state, command) for state in (StepState.FAILED, StepState.RUNNING))
    match report.state:
        case State.QUEUED | State.DEPLOYING | State.STOPPING | State.DELETING:
            return running
        case State.RUNNING:
            return (*running, stop, delete)
        case State.FAILED:
            return (*failing, _again(report, "a fix"), Advice(deploy, "tries this commit again"))
        case State.STOPPED | State.ASLEEP:
            back = "brings it back, as does the next push" if _pushed(report) else "brings it back"
            return (Advice(deploy, back), *failing, delete)
        case State.STOP_FAILED:
            return (*failing, Advice(stop.command, "tries again"), delete)
        case State.DELETED:
            return _after_delete(report, deploy)
        case State.DELETE_FAILED:
            corrected = Advice(deploy, f"takes over a corrected delete job{_while_open(report)}")
            force = Advice(f"{delete.command} --force", "removes it without the jobs that fail")
            return (*failing, Advice(delete.command, "tries again"), corrected, force)
        case State.REFUSED:
            return _after_refusal(report, deploy)


def _while_open(report: Report) -> str:
    if _folder(report):
        return ", once that job has succeeded"
    return " once the pull request is open again" if report.open is False else " while the pull request is open"


def _after_delete(report: Report, deploy: str) -> tuple[Advice, ...]:
    if _folder(report):
        return (_UP,)
    if report.lapsed and _pushed(report):
        return (Advice("", "push again for a new preview"), Advice(deploy, "makes one of this commit"))
    if report.open:
        return (Advice(deploy, "makes a new one while the pull request is open"),)
    reopen = Advice("", "reopen the pull request for a new preview")
    return (reopen, Advice(deploy, "makes one while it is open"))


def _after_refusal(report: Report, deploy: str) -> tuple[Advice, ...]:
    if not report.problems:
        return (Advice(deploy, "tries again, once that has changed"),)
    return (_again(report, "a corrected spec"), Advice("matinee check", "looks for problems first"))


def _again(report: Report, what: str) -> Advice:
    return _UP if _folder(report) else Advice("", f"push again: {what} is deployed by itself")


def _pushed(report: Report) -> bool:
    """Whether the next push is deployed by itself, as far as is known."""
    return not _folder(report) and not report.filtered and report.open is not False


def _folder(report: Report) -> bool:
    """Whether it previews a folder, which nobody pushes to."""
    return report.key.forge == "local" and report.key.number == 0


def _logs(report: Report, state: StepState, command: Callable[..., str]) -> tuple[Advice, ...]:
    shown = [step.name for step in report.steps if step.state is state and step.kind in TALKING][:3]
    if not shown and report.state is State.RUNNING:
        shown = [service for service, _ in report.urls[:1]]
    return tuple(Advice(command("logs", shlex.quote(line(name))), _printed(state)) for name in shown)


def _printed(state: StepState) -> str:
    return "shows all that it printed" if state is StepState.FAILED else "shows what it prints"
