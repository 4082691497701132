"""What is wrong with a spec: mistakes as they are found, and the problems that a person is shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.composing.variables import nearest, shown
from bot.core.reading.yaml_marks import Mark, Path, dotted
from bot.core.report import Problem

MOST = 100
_ALLOWED = 40
_LONGEST_PATH = 200
_LONGEST_MESSAGE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake at its place. `word`: what was written where one of `allowed` should stand."""

    path: Path
    at: Mark
    message: str
    allowed: tuple[str, ...] = ()
    word: str = ""


def problems(mistakes: Iterable[Mistake]) -> tuple[Problem, ...]:
    """Each mistake once, in the order of the file; not more of them than anybody reads."""
    once = {(mistake.path, mistake.at, mistake.message): mistake for mistake in mistakes}
    ordered = sorted(once.values(), key=lambda mistake: (mistake.at.line, mistake.at.column, dotted(mistake.path)))
    shown_ones = tuple(_problem(mistake) for mistake in ordered[:MOST])
    if len(ordered) <= MOST:
        return shown_ones
    last = ordered[MOST].at
    more = f"{len(ordered) - MOST} more mistakes follow; mend these first"
    return (*shown_ones, Problem(path="", line=last.line, column=last.column, message=more))


def _problem(mistake: Mistake) -> Problem:
    hint = nearest(mistake.word, mistake.allowed) if mistake.word else ""
    return Problem(
        path=shown(dotted(mistake.path), longest=_LONGEST_PATH),
        line=mistake.at.line,
        column=mistake.at.column,
        message=shown(mistake.message + hint, longest=_LONGEST_MESSAGE),
        allowed=tuple(shown(name) for name in mistake.allowed[:_ALLOWED]),
    )
