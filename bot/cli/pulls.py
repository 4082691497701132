"""`matinee pull`: branches of a local repository as pulls."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import click


@click.group(name="pull")
def pull_command() -> None:
    """Treat branches of a local git repository as pulls.

    \b
    matinee pull open my-feature            preview a branch of the repository here
    matinee pull push my-feature            after a commit
    matinee pull close my-feature           runs the delete jobs and removes the preview
    """


_repository = click.option(
    "--repository",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="The folder of the repository (default: here).",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print the environment as JSON at the end.")


@pull_command.command(name="open")
@click.argument("branch")
@_repository
@_json
@click.pass_obj
def open_command(config: Path | None, branch: str, repository: Path, *, as_json: bool) -> int:
    """Open BRANCH as a pull, or reopen it, and preview its head."""
    return _happen(config, "open_pull", repository, branch, as_json=as_json)


@pull_command.command(name="push")
@click.argument("branch")
@_repository
@_json
@click.pass_obj
def push_command(config: Path | None, branch: str, repository: Path, *, as_json: bool) -> int:
    """Deploy what has been committed to BRANCH since."""
    return _happen(config, "push", repository, branch, as_json=as_json)


@pull_command.command(name="close")
@click.argument("branch")
@click.option(
    "--repository",
    type=click.Path(path_type=Path),
    default=".",
    help="The folder of the repository, which need not be there any more (default: here).",
)
@_json
@click.pass_obj
def close_command(config: Path | None, branch: str, repository: Path, *, as_json: bool) -> int:
    """Close BRANCH's pull: its delete jobs run, then everything of it goes."""
    return _happen(config, "close", repository, branch, as_json=as_json)


def _happen(
    config: Path | None, what: Literal["open_pull", "push", "close"], repository: Path, branch: str, *, as_json: bool
) -> int:
    from bot.cli.follow import carry_out
    from bot.cli.open import open_world, read
    from bot.core.deciding.lane import put_off
    from bot.core.events import wish
    from bot.forges import local

    world = open_world(config)
    forge = local.create(read(config))
    happenings = {"open_pull": forge.open_pull, "push": forge.push, "close": forge.close}
    event = happenings[what](repository, branch)
    told, status = wish(event), world.inbox.lane(event.key.environment)
    again = told.afresh or (status is not None and put_off(status.lane))
    return carry_out(world, replace(told, why=f"{event.happening} here", afresh=again), as_json=as_json)
