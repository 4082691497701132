"""`matinee.yaml` → a spec, or every problem at once, each at its place."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import ValidationError

from bot.core.model import Spec
from bot.core.reading.complaints import complaints
from bot.core.reading.mistakes import Mistake, problems
from bot.core.reading.shape import Spot, values
from bot.core.reading.ties import hopes, ties
from bot.core.reading.yaml_events import LIMIT as LIMIT
from bot.core.reading.yaml_marks import Table, Tree, fields, plain
from bot.core.reading.yaml_tree import parse
from bot.core.report import Problem
from bot.core.value import Lack

FILE = "matinee.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """The file is no spec, for these reasons."""

    problems: tuple[Problem, ...]
    file: str = FILE

    @property
    def placed(self) -> tuple[Problem, ...]:
        """The problems with the file that they are in."""
        return tuple(replace(problem, file=self.file) for problem in self.problems)

    def __str__(self) -> str:
        return "\n".join(self.lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """`matinee.yaml:7:11: services.web.port: 99999 is no port; use 1 to 65535`, one for each problem."""
        return tuple(_line(self.file, problem) for problem in self.problems)


def read(text: bytes, *, file: str = FILE) -> Spec | Unreadable:
    """Read the file whole: no bytes of any form raise."""
    parsed = parse(text)
    if parsed.tree is None:
        return Unreadable(problems=problems(parsed.mistakes), file=file)
    if not isinstance(parsed.tree, Table):
        no_table = Mistake(path=(), at=parsed.tree.at, message="a mapping is wanted; the file begins with `version: 1`")
        return Unreadable(problems=problems((*parsed.mistakes, no_table)), file=file)
    hoped = tuple(hopes(parsed.tree))
    found = (*parsed.mistakes, *_lacks(parsed.tree), *ties(parsed.tree), *hoped)
    spec = _spec(parsed.tree)
    if not isinstance(spec, Spec):
        settled = {mistake.path for mistake in (*parsed.unfit, *hoped)}
        spoken = (mistake for mistake in spec if mistake.path not in settled)
        return Unreadable(problems=problems((*found, *spoken)), file=file)
    if not spec.nodes and not found:
        found = (Mistake(path=(), at=parsed.tree.at, message="there is nothing to deploy; name a service or a job"),)
    return Unreadable(problems=problems(found), file=file) if found else spec


def _spec(tree: Table) -> Spec | tuple[Mistake, ...]:
    try:
        return Spec.model_validate(plain(tree))
    except ValidationError as error:
        return tuple(complaints(error, tree))


def _lacks(tree: Table) -> Iterator[Mistake]:
    """What keys together lack, and what was left empty; asked of every value, also beside others that are wrong."""
    for each in values(tree):
        given = {key: plain(field.value) for key, field in each.table.fields.items()}
        yield from (_lack(each, lack) for lack in each.kind.unmet(given))
        for key, field in each.table.fields.items():
            if given[key] is None and each.shape.inside(key).optional:
                message = f"nothing is given here; write its value, or leave {key} out"
                yield Mistake(path=(*each.path, key), at=field.value.at, message=message)


def _lack(spot: Spot, lack: Lack) -> Mistake:
    """At the key that matters, as far as the file has it."""
    tree: Tree = spot.table
    path, at = spot.path, spot.at
    for key in lack.at:
        field = fields(tree).get(key)
        if field is None:
            break
        tree, path, at = field.value, (*path, key), field.key.at
    return Mistake(path=path, at=at, message=lack.why)


def _line(file: str, problem: Problem) -> str:
    place = f"{file}:{problem.line}:{problem.column}: "
    path = f"{problem.path}: " if problem.path else ""
    allowed = f" (allowed: {', '.join(problem.allowed)})" if problem.allowed else ""
    return f"{place}{path}{problem.message}{allowed}"
