"""The one comment on a pull: a report as Markdown that every forge shows alike, and that no text in it can misuse."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from bot.core.report import OutputLine, Problem, Report, StepLine
from bot.core.telling.access import access
from bot.core.telling.markdown import cell, code, fenced, harmless, link, plain, prose, size, titled
from bot.core.telling.wording import (
    HEADLINES,
    Advice,
    advice,
    cause,
    counted,
    duration,
    ending,
    failed,
    left_out,
    living,
    note,
    place,
    progress,
    reachable,
    short,
    still_serving,
)

LIMIT = 60_000
"""In UTF-16 units, after all escaping; GitHub takes 65,536."""
HIDDEN = "•••"
OURS = "<!-- matinee:"
"""How every text begins that the bot writes on a pull."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much of each part is shown."""

    tail: int = 40
    outputs: int = 100
    steps: int = 200
    problems: int = 50
    width: int = 300
    """Of any one untrusted text."""


ROOMS = (
    Room(),
    Room(tail=15),
    Room(tail=5),
    Room(tail=0),
    Room(tail=0, outputs=20),
    Room(tail=0, outputs=0),
    Room(tail=0, outputs=0, steps=40, problems=20),
    Room(tail=0, outputs=0, steps=20, problems=10, width=100),
)


def marker(report: Report) -> str:
    """The comment's first line, by which it is found again."""
    return f"{OURS}v1 {report.key.environment} -->"


def comment(report: Report, *, chat: bool = True) -> str:
    """The report as the comment's whole text; what does not fit is left out, and said to be.

    `chat`: the commands in it can be said where it stands.
    """
    head = marker(report)
    return f"{head}\n{body(report, limit=LIMIT - size(head) - 1, chat=chat)}"


def body(report: Report, *, limit: int, chat: bool = True) -> str:
    """What the comment says, in fewer units than that."""
    texts = (_written(report, room, chat=chat) for room in ROOMS)
    return next((text for text in texts if size(text) < limit), f"**{HEADLINES[report.state]}**\n")


def _written(report: Report, room: Room, *, chat: bool) -> str:
    parts = (
        *_heading(report, room),
        problem_list(report.problems, room),
        _steps(report.steps, room),
        *_failures(report, room),
        *_outputs(report.outputs, room),
        _next(advice(report, chat=chat)),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _heading(report: Report, room: Room) -> Iterator[str]:
    urls = reachable(report)[:20]
    serving = still_serving(report)
    headline = f"**{HEADLINES[report.state]}**"
    if urls and not serving:
        headline += f" · {link(urls[0][1])}"
    yield headline
    commit = f"Commit `{short(report.sha)}`" if report.sha else ""
    yield " · ".join(part for part in (commit, f"environment `{report.key.environment}`", progress(report)) if part)
    if serving:
        yield f"Commit `{short(serving)}` goes on serving" + (f" at {link(urls[0][1])}." if urls else ".")
    if len(urls) > 1:
        yield "\n".join(f"- {harmless(name)}: {link(url)}" for name, url in urls)
    why = prose(cause(report), limit=room.width * 3) if cause(report) else ""
    yield " ".join(part for part in (why, cell(note(report))) if part)
    yield prose(left_out(report), limit=room.width * 3) if left_out(report) else ""
    yield living(report)
    yield access(report)


def problem_list(problems: tuple[Problem, ...], room: Room) -> str:
    """Each mistake of a spec with its place, in a list."""
    rows = [_problem(problem, room) for problem in problems[: room.problems]]
    return "\n\n".join(["\n".join(rows), *_left_out(len(problems) - len(rows), "problem")])


def _problem(problem: Problem, room: Room) -> str:
    where = code(f"{problem.file}:{problem.line}:{problem.column}")
    allowed = ", ".join(code(each, limit=60) for each in problem.allowed[:20])
    path = f" {code(problem.path, limit=room.width)}" if problem.path else ""
    said = f"- {where}{path}: {harmless(problem.message, limit=room.width)}"
    return f"{said} (allowed: {allowed})" if allowed else said


def _steps(steps: tuple[StepLine, ...], room: Room) -> str:
    if not steps:
        return ""
    rows = [
        _row(cell(step.name), _state(step), duration(step.seconds), _why(step, room)) for step in steps[: room.steps]
    ]
    table = "\n".join(["| Step | State | Time | Why |", "|:--|:--|--:|:--|", *rows])
    return "\n\n".join([table, *_left_out(len(steps) - len(rows), "step")])


def _state(step: StepLine) -> str:
    return f"**{ending(step)}**" if step.state == "failed" else ending(step)


def _why(step: StepLine, room: Room) -> str:
    where = f"{code(place(step), limit=room.width)} " if place(step) else ""
    return f"{where}{cell(step.why, limit=room.width)}".strip()


def _failures(report: Report, room: Room) -> Iterator[str]:
    for step in failed(report)[:5]:
        at = f" at {code(place(step), limit=room.width)}" if place(step) else ""
        yield f"**{harmless(step.name)}** failed{at}: {harmless(step.why, limit=room.width)}"
        if step.tail:
            yield _fold(step, room)


def _fold(step: StepLine, room: Room) -> str:
    lines = [each for part in step.tail for each in plain(part).split("\n")]
    shown = lines[-room.tail :] if room.tail else []
    hidden = max(step.printed, len(lines)) - len(shown)
    if not shown:
        return f"What {harmless(step.name)} printed is too long for here: {counted(hidden, 'line')} hidden."
    title = f"{titled(step.name)}: its last {counted(len(shown), 'line')}" + (f" ({hidden:,} hidden)" if hidden else "")
    return f"<details><summary>{title}</summary>\n\n{fenced(shown)}\n\n</details>"


def _outputs(outputs: tuple[OutputLine, ...], room: Room) -> Iterator[str]:
    for job, group in groupby(outputs[: room.outputs], key=lambda output: output.job):
        rows = [_row(code(each.name), _value(each, room), cell(each.description, limit=room.width)) for each in group]
        yield "\n".join([f"Outputs of {code(job)}", "", "| Variable | Value | Description |", "|:--|:--|:--|", *rows])
    yield from _left_out(len(outputs) - room.outputs, "output")


def _value(output: OutputLine, room: Room) -> str:
    if output.sensitive or output.value is None:
        return HIDDEN
    return link(output.value, limit=room.width) if output.value else "(empty)"


def _next(advised: Iterable[Advice]) -> str:
    rows = [f"- {code(each.command)} {each.words}" if each.command else f"- {each.words}" for each in advised]
    return "\n".join(["Next:", "", *rows]) if rows else ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _left_out(number: int, noun: str) -> tuple[str, ...]:
    return (
        (f"{counted(number, f'more {noun}')} left out here; `matinee list --json` has them all.",) if number > 0 else ()
    )
