"""`matinee sweep`: look once for what no event told."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.sweeper.finding import Finding


@click.command(name="sweep")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Delete however many are found closed, or without the label that they need.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_obj
def sweep_command(config: Path | None, *, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Look for previews whose time is over, deliveries that got lost, and previews that are not as their pull.

    A bot that serves does the same by itself every MATINEE_SWEEP_EVERY. What is found is wished for, and carried out
    by the bot.

    \b
    matinee sweep --dry-run
    matinee sweep --json | jq -r '.[] | select(.act == "delete") | .subject'

    Exit codes: 0 all was looked at; 4 it would delete so many that it asks; 5 something outside does not answer.
    """
    from bot.cli.open import open_world
    from bot.sweeper.finding import Act
    from bot.sweeper.rounds import by_hand

    found = tuple(by_hand(open_world(config), act=not dry_run, yes=yes))
    if as_json:
        click.echo(json.dumps([_document(each) for each in found], indent=2))
    else:
        _show(found, dry=dry_run)
    acts = {each.act for each in found}
    if Act.WAIT in acts:
        return Code.UNAVAILABLE
    return Code.REFUSED if Act.ASK in acts else Code.DONE


def _document(found: "Finding") -> dict[str, object]:
    return {
        "look": found.look,
        "subject": found.subject,
        "why": found.why,
        "act": found.act.value,
        "done": found.done,
    }


def _show(found: "tuple[Finding, ...]", *, dry: bool) -> None:
    from bot.core.telling.markdown import line

    rows = [(each.look, each.subject, _acted(each, dry=dry), line(each.why)) for each in found]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    for *cells, why in rows:
        click.echo("  ".join([*(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)), why]))
    if not rows:
        click.echo("nothing was missed", err=True)


def _acted(found: "Finding", *, dry: bool) -> str:
    from bot.sweeper.finding import Act

    if found.act in (Act.NOTHING, Act.WAIT, Act.ASK):
        return found.act
    return f"would {found.act}" if dry else found.act
