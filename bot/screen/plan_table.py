"""An outlook as a table: in colours on a screen, plain anywhere else."""

from io import StringIO
from typing import TYPE_CHECKING, TextIO

from bot.core.foreseeing.outlook import ImageRow, Outlook, Row, Verb
from bot.core.telling.markdown import bounded, line

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_WIDE = 10_000
_LONGEST = 300
_STYLES = {
    Verb.RESTART: "yellow",
    Verb.MAY_RESTART: "yellow",
    Verb.RECREATE: "yellow",
    Verb.MAY_RECREATE: "yellow",
    Verb.REMOVE: "red",
    Verb.STOP: "yellow",
    Verb.FAIL: "bold red",
    Verb.UNREACHED: "red",
    Verb.UNCHANGED: "dim",
    Verb.SKIP: "dim",
    Verb.KEEP: "dim",
}
"""What is done anew is green."""


def drawn(outlook: Outlook, stream: TextIO) -> str:
    """The outlook for this stream: a line for each node, below it one for each image and note."""
    from rich.console import Console

    if not outlook.rows:
        return "nothing stands there, so there is nothing to do"
    screen = stream.isatty()
    console = Console(
        file=StringIO(),
        width=Console(file=stream).width if screen else _WIDE,
        force_terminal=screen,
        color_system="auto" if screen else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as captured:
        console.print(_table(outlook))
    return "\n".join(each.rstrip() for each in captured.get().rstrip("\n").split("\n"))


def _table(outlook: Outlook) -> "Table":
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(no_wrap=True)
    for row in outlook.rows:
        _add(table, row)
    return table


def _add(table: "Table", row: Row) -> None:
    from rich.text import Text

    table.add_row(Text(line(row.name), style="bold"), row.kind.value, _verb(row), _after(row), _why(row))
    for each in row.images:
        table.add_row(Text(f"  {line(each.task)}".rstrip()), "  image", _verb(each), "", _why(each))
    for note in row.notes:
        table.add_row("", "  note", "", "", Text(_short(note), style="italic"))


def _verb(row: Row | ImageRow) -> "Text":
    from rich.text import Text

    verb = row.prospect.verb
    return Text(verb.value, style=_STYLES.get(verb, "green"))


def _after(row: Row) -> str:
    return f"after {', '.join(row.after) or 'nothing'}"


def _why(row: Row | ImageRow) -> "Text":
    from rich.text import Text

    return Text(_short(row.prospect.why))


def _short(text: str) -> str:
    return bounded(line(text), _LONGEST)
