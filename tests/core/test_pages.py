"""What the pages of docs/ promise to list, they list."""

import re
from pathlib import Path

from bot.cli import COMMANDS, SUMMARIES
from bot.forges._github.permissions import EVENTS, PERMISSIONS
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


def test_the_page_on_github_names_every_permission_and_event_with_its_reason():
    page = (DOCS / "github.md").read_text(encoding="utf-8")
    titles = {each.name: each.title for each in PERMISSIONS}
    permissions = [f"| {each.title} | {each.level} | {each.why} |" for each in PERMISSIONS]
    events = [f"| {each.title} | {titles[each.permission]} | {each.why} |" for each in EVENTS]
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert [row for row in rows if not row.endswith("| what for |")] == permissions + events
