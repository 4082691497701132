"""`matinee plan`: what a deploy, a stop or a delete would do, and why."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.core.events import Pull, Want, Wish
    from bot.world import World


@click.command(name="plan")
@click.argument("target", metavar="[PATH | ENVIRONMENT]", default=".")
@click.option(
    "--want", type=click.Choice(["deploy", "stop", "delete"]), default="deploy", help="Of what (default: deploy)."
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def plan_command(config: Path | None, target: str, *, want: str, as_json: bool) -> int:
    """Show what a deploy would do to each service, job and image, and why; do nothing.

    Of a folder it is what `matinee up PATH` would do; of an environment, what a deploy of its pull's head would do.

    \b
    matinee plan examples/shop
    matinee plan github-1296269-7
    matinee plan github-1296269-7 --want delete
    matinee plan --json | jq -r '.nodes[] | select(.act == "restart") | .name'
    """
    from bot.cli.open import open_world
    from bot.core.deciding.decide import Refused
    from bot.core.events import Ignored, Want
    from bot.core.foreseeing.outlook import document
    from bot.core.reading.spec import Unreadable
    from bot.foresee import foresee
    from bot.screen.plan_table import drawn

    world = open_world(config)
    wish, pull = _meant(world, config, target, Want(want))
    match foresee(world, wish, pull=pull):
        case Unreadable() as spec:
            click.echo(str(spec))
            return Code.INVALID
        case Refused(why=why) | Ignored(why=why):
            click.echo(f"matinee: {why}", err=True)
            return Code.REFUSED
        case outlook:
            click.echo(json.dumps(document(outlook), indent=2) if as_json else drawn(outlook, sys.stdout))
            return Code.DONE


def _meant(world: "World", config: Path | None, target: str, want: "Want") -> "tuple[Wish, Pull | None]":
    """A folder comes first, whatever it is called."""
    from bot.cli.asking import asked, find
    from bot.cli.open import read
    from bot.core.names import ENVIRONMENT
    from bot.forges import local

    if Path(target).is_dir():
        pull = local.create(read(config)).seen(Path(target))
        return _wish(pull, want), pull
    if not ENVIRONMENT.fullmatch(target):
        raise click.UsageError(f"{target!r} does not exist as a folder, and is no environment's id either")
    return asked(find(world, target), want), None


def _wish(pull: "Pull", want: "Want") -> "Wish":
    from bot.core.events import Want, Wish

    return Wish(
        key=pull.key,
        repository=pull.repository,
        want=want,
        sha=pull.head if want is Want.DEPLOY else None,
        actor=pull.author,
        why="it was asked for here",
        person=True,
    )
