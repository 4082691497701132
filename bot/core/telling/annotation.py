"""What is wrong with a pull, each at its line in the pull's files."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.report import Problem, Report, StepLine
from bot.core.telling.markdown import inert, size
from bot.core.telling.wording import failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What is wrong at one line of one file of the repository; plain text."""

    path: str
    line: int
    title: str
    message: str


def annotations(report: Report) -> Iterator[Annotation]:
    """Every mistake in the spec, and every step that failed at a line of a file."""
    yield from map(of_problem, report.problems)
    for step in failed(report):
        if step.line is not None and (path := _path(step.file)):
            yield _of_step(step, path, step.line)


def of_problem(problem: Problem) -> Annotation:
    """A mistake in the spec, at its line."""
    allowed = f" (allowed: {inert(', '.join(problem.allowed[:20]))})" if problem.allowed else ""
    return Annotation(
        path=_path(problem.file) or problem.file,
        line=max(problem.line, 1),
        title=inert(problem.path, limit=100) or "the spec",
        message=f"{inert(problem.message, limit=1000)}{allowed}" or "a mistake",
    )


def _of_step(step: StepLine, path: str, line: int) -> Annotation:
    title = inert(step.name, limit=100) or step.kind
    return Annotation(path=path, line=max(line, 1), title=title, message=inert(step.why, limit=1000) or "it failed")


def _path(file: str) -> str | None:
    """The file's path from the repository's root; None for one that no forge would take, or read as something else."""
    name = file.removeprefix("./")
    fits = inert(name) == name and 0 < size(name) <= 255
    outside = name.startswith("/") or "\\" in name or not {"", ".", ".."}.isdisjoint(name.split("/"))
    return name if fits and not outside else None
