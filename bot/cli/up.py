"""`matinee up`: a local folder as a preview, no forge needed."""

from dataclasses import replace
from pathlib import Path

import click


@click.command(name="up")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
@click.option("--json", "as_json", is_flag=True, help="Print the environment as JSON when it is up.")
@click.pass_obj
def up_command(config: Path | None, path: Path, *, as_json: bool) -> int:
    """Preview the folder PATH as it is now, uncommitted changes included.

    \b
    matinee up                    the current folder
    matinee up examples/shop      another one
    matinee up --json | jq -r .url

    Run it again after a change: what did not change is neither built nor restarted.
    """
    from bot.cli.follow import carry_out
    from bot.cli.open import open_world, read
    from bot.core.events import wish
    from bot.forges import local

    world = open_world(config)
    event = local.create(read(config)).snapshot(path)
    return carry_out(world, replace(wish(event), person=True, why="it was asked for here"), as_json=as_json)
