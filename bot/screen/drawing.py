"""A report drawn for a screen with rich: what is under way, and what it came to."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.spinner import Spinner
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.core.report import OutputLine, Problem, Report, State, StepLine, StepState
from bot.core.telling.comment import HIDDEN
from bot.core.telling.markdown import address, bounded, line, plain
from bot.core.telling.wording import (
    HEADLINES,
    UNDER_WAY,
    advice,
    cause,
    duration,
    ending,
    failed,
    left_out,
    note,
    place,
    progress,
    reachable,
    short,
    still_serving,
)

TAIL = 40
MARKS = {
    StepState.WAITING: ("·", "dim"),
    StepState.RUNNING: ("▸", "cyan"),
    StepState.SUCCEEDED: ("✓", "green"),
    StepState.FAILED: ("✗", "bold red"),
    StepState.SKIPPED: ("–", "yellow"),
    StepState.CANCELLED: ("–", "dim"),
}
GOOD = frozenset({State.RUNNING, State.STOPPED, State.ASLEEP, State.DELETED})


def under_way(report: Report, elapsed: Mapping[str, float]) -> RenderableType:
    """The report while it changes: headline, count, every step; `elapsed` seconds of those that run."""
    return Group(_headline(report), _steps(report, elapsed, spinning=True))


def summary(report: Report, *, steps: bool = True, chat: bool = False) -> RenderableType:
    """All that the report says; without its steps, where each was told already; `chat`: as a comment advises."""
    return Group(*_parts(report, steps=steps, chat=chat))


def _parts(report: Report, *, steps: bool, chat: bool) -> Iterator[RenderableType]:
    yield _headline(report)
    if said := [part for part in (cause(report), note(report), left_out(report)) if part]:
        yield Text(" ".join(said))
    for problem in report.problems:
        yield _problem(problem)
    if steps and report.steps:
        yield Text()
        yield _steps(report, {}, spinning=False)
    for step in failed(report):
        yield from _failure(step)
    for job, outputs in groupby(report.outputs, key=lambda output: output.job):
        yield Text(f"\nOutputs of {line(job)}", style="bold")
        yield _outputs(tuple(outputs))
    if advised := advice(report, chat=chat):
        yield Text("\nNext", style="bold")
        rows = _grid()
        for each in advised:
            rows.add_row(
                "",
                Text(each.command or each.words, style="cyan" if each.command else ""),
                each.words if each.command else "",
            )
        yield rows


def _headline(report: Report) -> Text:
    urls = reachable(report)
    serving = still_serving(report)
    said = Text(HEADLINES[report.state], style=f"bold {_colour(report.state)}")
    if urls and not serving:
        said.append("  ").append_text(_link(urls[0][1]))
    about = (f"commit {short(report.sha)}" if report.sha else "", report.key.environment, progress(report))
    said.append("\n" + " · ".join(part for part in about if part), style="not bold default dim")
    if serving:
        said.append(f"\nCommit {short(serving)} goes on serving", style="not bold default")
        if urls:
            said.append(" at ", style="not bold default").append_text(_link(urls[0][1]))
    for name, url in urls if len(urls) > 1 else ():
        said.append(f"\n{line(name)}: ", style="not bold default").append_text(_link(url))
    return said


def _problem(problem: Problem) -> Text:
    where = f"matinee.yaml:{problem.line}:{problem.column}"
    allowed = f" (allowed: {', '.join(line(each) for each in problem.allowed)})" if problem.allowed else ""
    return Text.assemble((where, "bold"), f" {line(problem.path)}: {line(problem.message)}{allowed}")


def _colour(state: State) -> str:
    if state in UNDER_WAY or state is State.QUEUED:
        return "cyan"
    return "green" if state in GOOD else "red"


def _link(url: str) -> Text:
    shown = bounded(line(url), 200)
    style = Style(color="blue", underline=True, bold=False, link=url if address(url) else None)
    return Text(shown, style=style)


def _steps(report: Report, elapsed: Mapping[str, float], *, spinning: bool) -> Table:
    table = _grid()
    for step in report.steps:
        mark, style = MARKS[step.state]
        alive = spinning and step.state is StepState.RUNNING
        seconds = elapsed.get(step.name) if alive else step.seconds
        table.add_row(
            Spinner("dots", style=style) if alive else Text(mark, style=style),
            Text(line(step.name), style="bold" if step.state is StepState.FAILED else ""),
            Text(ending(step), style=style),
            Text(duration(seconds), justify="right"),
            Text(bounded(f"{place(step)} {line(step.why)}".strip(), 200), style="dim"),
        )
    return table


def _failure(step: StepLine) -> Iterator[RenderableType]:
    at = f" at {place(step)}" if place(step) else ""
    yield Text.assemble("\n", (line(step.name), "bold red"), f" failed{at}: {line(step.why)}")
    lines = [each for part in step.tail for each in plain(part).split("\n")]
    if (hidden := max(step.printed, len(lines)) - min(len(lines), TAIL)) > 0:
        yield Padding(Text(f"{hidden:,} lines above are hidden", style="dim"), (0, 0, 0, 2))
    for each in lines[-TAIL:]:
        yield Text.assemble(("  │ ", "red"), bounded(each, 500))


def _outputs(outputs: tuple[OutputLine, ...]) -> Table:
    table = _grid()
    for each in outputs:
        hidden = each.sensitive or each.value is None
        value = Text(HIDDEN, style="dim") if hidden else _value(each.value or "")
        table.add_row("", line(each.name), value, Text(bounded(line(each.description), 200), style="dim"))
    return table


def _value(value: str) -> Text:
    return _link(value) if address(value) else Text(bounded(line(value), 200))


def _grid() -> Table:
    return Table.grid(padding=(0, 2, 0, 0))
