"""What `logs` is answered with: the last lines of one log in a fold, or the names of those that there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.chat.grammar import PREFIX
from bot.core.composing.variables import nearest
from bot.core.telling.answers.reply import fitted
from bot.core.telling.comment import LIMIT
from bot.core.telling.markdown import code, fenced, harmless, plain, size
from bot.core.telling.wording import counted

MOST = 80
SIZES = (MOST, 40, 20, 10, 5, 2)
NAMES = (50, 20, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What one step's attempt, or a service, has printed lately."""

    name: str
    """`run seed on deploy`, or the service."""
    lines: Sequence[str]
    """As they were printed; the last ones do."""
    number: int
    """How many it printed in all."""
    attempt: int = 0
    """0 where there is none, as of a service."""


def logs_answer(printed: Printed, mask: Callable[[str], str], *, limit: int = LIMIT) -> str:
    """Its last lines, 80 at most, with what is secret by now masked."""
    lines = [each for line in printed.lines[-MOST:] for each in plain(mask(line)).split("\n")]
    title = f"Log of {code(printed.name, limit=100)}"
    if printed.attempt > 1:
        title += f", attempt {printed.attempt}"
    if not lines:
        return f"**{title}**: nothing is printed yet."
    return f"**{title}**\n\n" + fitted(lambda most: _fold(lines, printed.number, most), SIZES, limit - size(title) - 6)


def no_log(name: str, known: Sequence[str], *, limit: int = LIMIT) -> str:
    """There is none of this name; these there are."""
    hint = nearest(name, known).removeprefix("; ")
    said = f"**There is no log** of {code(name, limit=100)}" + (f"; {harmless(hint)}" if hint else ".")
    if not known:
        return f"{said} Nothing was printed here yet."
    return fitted(lambda most: f"{said}\n\n{_names(known, most)}", NAMES, limit)


def _names(known: Sequence[str], most: int) -> str:
    rows = [f"- {code(f'{PREFIX} logs {_quoted(each)}', limit=100)}" for each in known[:most]]
    more = [f"- and {len(known) - most} more"] if len(known) > most else []
    return "\n".join([*rows, *more])


def _fold(lines: Sequence[str], number: int, most: int) -> str:
    shown = lines[-most:]
    hidden = max(number, len(lines)) - len(shown)
    title = f"Its last {counted(len(shown), 'line')}" + (f" ({hidden:,} hidden)" if hidden else "")
    return f"<details><summary>{title}</summary>\n\n{fenced(shown)}\n\n</details>"


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
