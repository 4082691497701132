"""What `plan` is answered with: what a deploy would do to each service, job and image, and why."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import assert_never

from bot.core.chat.grammar import PREFIX
from bot.core.deciding.decide import Refused
from bot.core.events import Ignored, Want
from bot.core.foreseeing.outlook import ImageRow, Outlook, Row, Verb
from bot.core.names import Sha
from bot.core.reading.spec import Unreadable
from bot.core.report import Problem
from bot.core.telling.answers.reply import fitted
from bot.core.telling.comment import LIMIT, ROOMS, problem_list
from bot.core.telling.markdown import cell, code, sentence
from bot.core.telling.wording import counted, short

ROWS = (200, 60, 20, 5, 0)
_WIDTH = 200
_QUIET = frozenset({Verb.UNCHANGED})


def plan_answer(found: Outlook | Refused | Ignored | Unreadable, sha: Sha | None, *, limit: int = LIMIT) -> str:
    """What a deploy of this commit would do, or why there would be none."""
    match found:
        case Unreadable(file=file) as spec:
            return _refused(f"{file} is not valid", spec.placed, sha, limit)
        case Refused(why=why, problems=problems):
            return _refused(why, problems, sha, limit)
        case Ignored(why=why):
            return f"**A deploy{_of(sha)} would be left out**: {sentence(why)}"
        case Outlook(rows=()):
            return f"**{_what(found, sha)} would do**: nothing, since nothing stands here."
        case Outlook():
            return fitted(lambda number: _answer(found, sha, number), ROWS, limit)
        case _:
            assert_never(found)


def _refused(why: str, problems: tuple[Problem, ...], sha: Sha | None, limit: int) -> str:
    head = f"**A deploy{_of(sha)} would be refused**: {sentence(why)}"
    if not problems:
        return head
    lists = [problem_list(problems, room) for room in (ROOMS[0], *ROOMS[-2:])]
    lists.append(f"Its mistakes are too long for here; {code('matinee check')} lists them.")
    return fitted(lambda number: f"{head}\n\n{lists[number]}", range(len(lists)), limit)


def _answer(outlook: Outlook, sha: Sha | None, number: int) -> str:
    rows = [line for row in outlook.rows for line in _lines(row)]
    table = ["| Service or job | What | After | Why |", "|:--|:--|:--|:--|", *rows[:number]]
    head = f"**{_what(outlook, sha)} would do**: {_summary(outlook.rows)}"
    parts = [head, "\n".join(table) if number else "", *_left_out(len(rows) - number), _next(outlook)]
    return "\n\n".join(part for part in parts if part)


def _what(outlook: Outlook, sha: Sha | None) -> str:
    return f"What a {outlook.plan.want}{_of(sha if outlook.plan.want is Want.DEPLOY else None)}"


def _of(sha: Sha | None) -> str:
    return f" of `{short(sha)}`" if sha else ""


def _summary(rows: Sequence[Row]) -> str:
    """`build 1 · restart 2 · skip 1`"""
    verbs = Counter(row.prospect.verb for row in rows)
    verbs.update(image.prospect.verb for row in rows for image in row.images)
    told = [f"{verb} {verbs[verb]}" for verb in Verb if verbs[verb] and verb not in _QUIET]
    return " · ".join(told) or "nothing, since all of it is as it would be"


def _lines(row: Row) -> Iterator[str]:
    after = ", ".join(code(name, limit=60) for name in row.after[:10])
    yield _line(f"{code(row.name, limit=60)} {row.kind}", row, after)
    for each in row.images:
        task = f" of {code(each.task, limit=60)}" if each.task else ""
        yield _line(f"· its image{task}", each, "")
    for note in row.notes:
        yield f"| · note | | | {cell(note, limit=_WIDTH)} |"


def _line(what: str, each: Row | ImageRow, after: str) -> str:
    verb = each.prospect.verb
    shown = str(verb) if verb in _QUIET else f"**{verb}**"
    return f"| {what} | {shown} | {after} | {cell(each.prospect.why, limit=_WIDTH)} |"


def _left_out(number: int) -> Iterator[str]:
    if number > 0:
        yield f"{counted(number, 'more row')} left out here; `matinee plan` shows them all."


def _next(outlook: Outlook) -> str:
    return f"Nothing of it was done; {code(f'{PREFIX} {outlook.plan.want}')} does it."
