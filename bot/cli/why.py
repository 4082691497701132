"""`matinee why`: what was decided of a preview, and why."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.core.telling.why import Reason

_MOST = 5


@click.command(name="why")
@click.argument("environment")
@click.option("--all", "everything", is_flag=True, help=f"Show all that are kept, not only the newest {_MOST}.")
@click.option("--json", "as_json", is_flag=True, help="Print all of them as JSON.")
@click.pass_obj
def why_command(config: Path | None, environment: str, *, everything: bool, as_json: bool) -> int:
    """Say what was decided of ENVIRONMENT, the newest first: by which rule, for which reason, from which facts.

    Also of what was not deployed: a draft, a pull without the label, a push that touches none of the paths.

    \b
    matinee why github-1296269-7
    matinee why github-1296269-7 --json | jq -r '.[0].why'
    """
    from bot.cli.asking import find
    from bot.cli.open import open_world
    from bot.core.telling.why import NOTHING, decision_document, reasons

    world = open_world(config)
    found = world.inbox.decisions(find(world, environment).environment)
    if as_json:
        click.echo(json.dumps([decision_document(each) for each in found], indent=2))
        return Code.DONE
    shown = found if everything else found[:_MOST]
    click.echo("\n\n".join(_text(each) for each in reasons(shown)) or NOTHING)
    if len(shown) < len(found):
        click.echo(f"{len(found) - len(shown)} older ones are kept; --all shows them", err=True)
    return Code.DONE


def _text(reason: "Reason") -> str:
    from bot.core.telling.markdown import line

    rows = (("by", reason.cause), ("rule", reason.rule), *reason.facts)
    width = max(len(name) for name, _ in rows)
    told = [f"  {name:<{width}}  {line(value)}".rstrip() for name, value in rows]
    return "\n".join([f"{reason.at:%Y-%m-%d %H:%M:%S} UTC  {line(reason.headline)}", *told])
