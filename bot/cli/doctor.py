"""`matinee doctor`: whether all that a bot needs is there."""

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from rich.table import Table

    from bot.core.telling.checkup import Check

_WIDE = 1000
"""Where there is no screen, a line stays a line."""


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print what was seen as JSON.")
@click.option("--mend", is_flag=True, help="Have GitLab call again the webhooks that it has given up.")
@click.pass_obj
def doctor_command(config: Path | None, *, as_json: bool, mend: bool) -> int:
    """Look at everything that a bot needs, and say how it is and what to do next.

    Settings, state folder, disk, database, keys, secrets, the runner, the builder, git, the forges with their tokens,
    clocks and webhooks, addresses. It changes nothing, but makes the state folder, its database and key where there
    are none yet. With `--mend` it has GitLab send a test to each webhook that GitLab calls no more: where the bot
    answers that, GitLab calls the webhook again. It takes a token with the role Maintainer.

    \b
    matinee doctor
    matinee doctor --mend
    matinee doctor --json | jq -r '.checks[] | select(.state != "ok") | .name + ": " + .why'

    Exit codes: 0 all is well, or there are warnings only; 2 a setting is wrong; 5 something outside does not answer.
    """
    from bot.core.telling.checkup import Blame, blame
    from bot.doctor import checkup

    checks = tuple(checkup(os.environ, config, mend=mend))
    if as_json:
        click.echo(json.dumps({"checks": [_document(check) for check in checks]}, indent=2))
    else:
        _show(checks)
    codes = {Blame.SETTINGS: Code.USAGE, Blame.OUTSIDE: Code.UNAVAILABLE, Blame.OURS: Code.FAULT, None: Code.DONE}
    return codes[blame(checks)]


def _document(check: "Check") -> dict[str, str]:
    return {"name": check.name, "state": check.state.value, "why": check.why, "advice": check.advice}


def _show(checks: "Iterable[Check]") -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else _WIDE, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(_table(checks))
    for each in captured.get().splitlines():
        click.echo(each.rstrip())


def _table(checks: "Iterable[Check]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from bot.core.telling.checkup import Health
    from bot.core.telling.markdown import line

    colours = {Health.OK: "green", Health.WARNING: "yellow", Health.FAILED: "bold red"}
    table = Table.grid(padding=(0, 2, 0, 0))
    for check in checks:
        table.add_row(Text(check.state, style=colours[check.state]), Text(line(check.name)), Text(line(check.why)))
        if check.advice:
            table.add_row("", "", Text(line(check.advice), style="cyan"))
    return table
