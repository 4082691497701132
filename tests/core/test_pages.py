"""What the pages of docs/ promise to list, they list."""

import re
from pathlib import Path

from bot.cli import COMMANDS, SUMMARIES
from bot.settings import KNOWN

DOCS = Path(__file__).parents[2] / "docs"


def first_cells(page: str) -> str:
    """The first column of every table."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    return "\n".join(line.split(" | ")[0] for line in lines if line.startswith("| "))


def test_the_table_of_settings_has_every_setting_and_no_other():
    listed = re.findall(r"`MATINEE_([A-Z_]+)`", first_cells("bot.md"))
    assert sorted(listed) == sorted(name.upper() for name in KNOWN)


def test_the_table_of_commands_has_every_command_and_no_other():
    listed = re.findall(r"`matinee ([a-z|]+)", first_cells("commands.md").replace("\\|", "|"))
    assert {name for each in listed for name in each.split("|")} == set(COMMANDS) == set(SUMMARIES)
