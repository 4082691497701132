import inspect
import re
from pathlib import Path
from typing import get_args

import pytest

from bot.core.chat.commands import Command, Help, Mistake
from bot.core.chat.help import BEGIN, END, help_text, page_table
from bot.core.chat.parse import parse
from bot.core.chat.table import ROWS, TABLE, Answer, row_of
from bot.core.permission import Permission
from bot.core.telling.markdown import size

PAGE = (Path(__file__).parents[3] / "docs" / "chatops.md").read_text(encoding="utf-8")
EXAMPLES = [f"/preview {row.name} {example}".rstrip() for row in TABLE for example in row.examples or ("",)]
LEVELS = {
    Permission.READ: {"help", "status", "why"},
    Permission.TRIAGE: {"plan", "logs"},
    Permission.WRITE: {
        *("deploy", "stop", "start", "delete", "cancel", "run", "clone", "reset", "extend", "approve"),
    },
}


def test_every_command_has_its_row_and_every_row_its_command():
    assert {row.command for row in TABLE} == set(get_args(Command))
    assert len(ROWS) == len(TABLE)


def test_every_row_says_which_arguments_its_command_has():
    for row in TABLE:
        assert [each.field for each in row.parameters] == list(inspect.signature(row.command).parameters)


@pytest.mark.parametrize("permission", LEVELS)
def test_what_takes_which_permission(permission):
    assert {row.name for row in TABLE if row.takes is permission} == LEVELS[permission]


def test_what_changes_the_preview_is_answered_by_its_comment_and_what_asks_by_a_reply():
    assert {row.name for row in TABLE if row.answer is Answer.REPLY} == {"help", "logs", "status", "plan", "why"}


@pytest.mark.parametrize(
    "line", [*EXAMPLES, *re.findall(r"^\| `(/preview[^`]*)` \|", PAGE.split("## Examples")[1], re.M)]
)
def test_every_example_is_understood(line):
    (found,) = parse(line)
    assert not isinstance(found, Mistake), found
    assert line.startswith(f"/preview {row_of(found).name}") or isinstance(found, Help)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_row_reads_as_sentences_and_is_explained_by_help(row):
    assert re.fullmatch(r"[A-Z].*\.", row.does)
    assert re.fullmatch(r"(?:A reply|The comment) .*\.", row.answers)
    explained = help_text(row.name)
    for part in (f"**`{row.usage}`**", row.does, row.answers, f"It takes {row.takes} permission"):
        assert part in explained


def test_help_lists_every_command_with_what_it_takes_and_fits_into_a_reply():
    listed = help_text()
    for row in TABLE:
        assert f"| `{row.usage}` | {row.does} | {row.takes} |" in listed
    assert size(listed) < 10_000


def test_no_help_has_a_line_that_is_a_command_itself():
    for text in (help_text(), *map(help_text, ROWS)):
        assert parse(text) == ()


def test_the_page_shows_the_table_that_commands_are_read_by():
    shown = PAGE[PAGE.index(BEGIN) : PAGE.index(END) + len(END)]
    assert shown == page_table(), "renew it: python -m tests.core.golden"


def test_the_page_tells_every_limit():
    for limit in ("10 commands", "50 arguments", "1,024 bytes", "4,096 characters", "65,536"):
        assert limit in PAGE


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("run", "run needs <job> and <event>"),
        ("run seed", "run needs <event>, too"),
        ("run seed start", "start is no event of a job; the three are deploy, stop, delete"),
        ("run Seed stop", "Seed is no name; use at most 40 of a-z, 0-9 and -, a letter first and no - at the end"),
        ("run seed stop now", "run has no place for now"),
        ("run seed job=seed stop", "job is given twice"),
        ("clone", "clone needs <name>"),
        ("clone web web2", "clone has no place for web2"),
        ("clone web as", "after as has to stand a <new>"),
        ("clone web to 9", "9 is no environment; write its id as its comment shows it, like github-1296269-7"),
        ("logs", "logs needs <name>"),
        (
            "logs ''",
            'nothing is no service, job or step; write a step as its comment shows it, in quotes, like "build web"',
        ),
        ("extend", "extend needs <time>"),
        ("extend 5", "5 is no duration; write it like 30s, 5m or 1h30m, above zero"),
        ("extend 0h", "0h is no duration; write it like 30s, 5m or 1h30m, above zero"),
        ("extend -1h", "extend has no option -1h; it has none"),
        ("approve", "approve needs <sha>"),
        ("approve 3f2c1a", "3f2c1a is no commit; write 7 to 64 digits of its id"),
        ("approve HEAD", "HEAD is no commit; write 7 to 64 digits of its id"),
        ("deploy now", "deploy has no place for now"),
        ("delete web", "this would delete web from this preview for good; say so with --yes if you mean it"),
        ("delete web --yes --force", "--force is for a whole preview, not for one service or job of it"),
        ("delete --yes --yes", "yes is given twice"),
    ],
)
def test_what_is_wrong_with_a_command_is_told(line, why):
    (found,) = parse(f"/preview {line}")
    assert isinstance(found, Mistake)
    assert found.why == why
    assert found.usage == (f"/preview {line} --yes" if line == "delete web" else ROWS[line.split()[0]].usage)
