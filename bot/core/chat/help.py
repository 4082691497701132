"""What a person is told of the commands, from the table: a reply's Markdown, and the table of the page of them."""

from collections.abc import Iterable

from bot.core.chat.table import ROWS, TABLE, Answer, Row
from bot.core.permission import Permission

PAGE = "docs/chatops.md"
BEGIN, END = "<!-- the table of commands -->", "<!-- the end of the table of commands -->"
_WHERE = {Answer.STATE: "the one comment", Answer.REPLY: "a reply"}


def help_text(command: str = "") -> str:
    """All commands; or everything of one, which has to be in the table."""
    return _one(ROWS[command]) if command else _all()


def page_table() -> str:
    """The table of the page, between the markers that it stands between there."""
    rows = [
        _cells(_code(row.usage), f"{row.does} {row.answers}", _who(row), _WHERE[row.answer], _closed(row))
        for row in TABLE
    ]
    head = [_cells("Command", "What it does, and what it answers", "Who", "Answered in", "On a closed pull")]
    return "\n".join([BEGIN, *head, "|---|---|---|---|---|", *rows, END])


def may(permission: Permission) -> str:
    """The permission as people call it: `write permission`."""
    return f"{permission} permission"


def _all() -> str:
    rows = [_cells(_code(row.usage), row.does, _who(row)) for row in TABLE]
    table = [_cells("Command", "What it does", "Takes"), "|:--|:--|:--|", *rows]
    return "\n".join([*table, "", f"{_code('/preview help run')} says everything of `run`; so for each of them."])


def _one(row: Row) -> str:
    closed = "It may be said on a closed pull, too." if row.closed else "It is not for closed pulls."
    parts = [f"**{_code(row.usage)}**", row.does, f"{row.answers} It takes {may(row.takes)}. {closed}"]
    return "\n\n".join([*parts, *_examples(row)])


def _examples(row: Row) -> Iterable[str]:
    if row.examples:
        lines = (f"- {_code(f'/preview {row.name} {each}'.rstrip())}" for each in row.examples)
        yield "\n".join(["For example:", "", *lines])


def _who(row: Row) -> str:
    return str(row.takes)


def _closed(row: Row) -> str:
    return "yes" if row.closed else ""


def _code(text: str) -> str:
    return f"`{text}`"


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
