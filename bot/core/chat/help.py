"""What a person is told of the commands, from the table: a reply's Markdown, and the table of the page of them."""

from collections.abc import Iterable

from bot.core.chat.grammar import PREFIX
from bot.core.chat.table import ROWS, TABLE, Answer, Row

BEGIN, END = "<!-- the table of commands -->", "<!-- the end of the table of commands -->"
_WHERE = {Answer.STATE: "the one comment", Answer.REPLY: "a reply"}


def help_text(command: str = "") -> str:
    """All commands; or everything of one, which has to be in the table."""
    return _one(ROWS[command]) if command else _all()


def page_table() -> str:
    """The table of the page, between the marks that it stands between there."""
    head = (
        _cells("Command", "What it does, and what it answers", "Who", "Answered in", "Closed pull"),
        "|---" * 5 + "|",
    )
    rows = (
        _cells(_code(row.usage), f"{row.does} {row.answers}", str(row.takes), _WHERE[row.answer], _yes(said=row.closed))
        for row in TABLE
    )
    return "\n".join([BEGIN, *head, *rows, END])


def _all() -> str:
    head = (_cells("Command", "What it does", "Takes"), "|:--|:--|:--|")
    rows = (_cells(_code(row.usage), row.does, str(row.takes)) for row in TABLE)
    more = f"{_code(f'{PREFIX} help run')} says everything of {_code('run')}, and so for each of them."
    return "\n".join([*head, *rows, "", more])


def _one(row: Row) -> str:
    closed = "may be said on a closed pull, too" if row.closed else "is not for closed pulls"
    terms = f"{row.answers} It takes {row.takes} permission, and {closed}."
    return "\n\n".join([f"**{_code(row.usage)}**", row.does, terms, *_examples(row)])


def _examples(row: Row) -> Iterable[str]:
    if row.examples:
        lines = (f"- {_code(f'{PREFIX} {row.name} {each}'.rstrip())}" for each in row.examples)
        yield "\n".join(["For example:", "", *lines])


def _yes(*, said: bool) -> str:
    return "yes" if said else ""


def _code(text: str) -> str:
    return f"`{text}`"


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
