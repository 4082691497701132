"""`deploy`, `start`, `stop`, `delete`: a person's wish for an environment that there is."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.inbox import Status
    from bot.world import World

_environment = click.argument("environment")
_json = click.option("--json", "as_json", is_flag=True, help="Print the environment as JSON at the end.")


@click.command(name="deploy")
@_environment
@_json
@click.pass_obj
def deploy_command(config: Path | None, environment: str, *, as_json: bool) -> int:
    """Deploy the head of ENVIRONMENT's pull, also after a failure or a delete by hand.

    \b
    matinee deploy github-1296269-7
    """
    return _wish(config, environment, "deploy", as_json=as_json)


@click.command(name="start")
@_environment
@_json
@click.pass_obj
def start_command(config: Path | None, environment: str, *, as_json: bool) -> int:
    """Start the stopped ENVIRONMENT: a deploy of its pull's head.

    \b
    matinee start github-1296269-7
    """
    return _wish(config, environment, "deploy", as_json=as_json)


@click.command(name="stop")
@_environment
@_json
@click.pass_obj
def stop_command(config: Path | None, environment: str, *, as_json: bool) -> int:
    """Run ENVIRONMENT's stop jobs and take its services down; volumes and outputs stay.

    \b
    matinee stop github-1296269-7
    """
    return _wish(config, environment, "stop", as_json=as_json)


@click.command(name="delete")
@_environment
@_json
@click.pass_obj
def delete_command(config: Path | None, environment: str, *, as_json: bool) -> int:
    """Run ENVIRONMENT's delete jobs, then remove it; it stays away until a deploy by hand or a reopen.

    \b
    matinee delete github-1296269-7
    """
    return _wish(config, environment, "delete", as_json=as_json)


def _wish(config: Path | None, environment: str, want: str, *, as_json: bool) -> int:
    import getpass

    from bot.cli.follow import carry_out
    from bot.cli.open import open_world
    from bot.core.events import Want, Wish

    world = open_world(config)
    status = find(world, environment)
    wanted = Want(want)
    wish = Wish(
        key=status.lane.wish.key,
        repository=status.lane.wish.repository,
        want=wanted,
        sha=status.report.sha if status.report and wanted is Want.DEPLOY else None,
        actor=getpass.getuser(),
        why=f"{getpass.getuser()} asked for it",
        person=True,
    )
    return carry_out(world, wish, as_json=as_json)


def find(world: "World", environment: str) -> "Status":
    """The environment of that id; an unknown one is answered with the nearest."""
    import difflib

    from bot.core.errors import Misused
    from bot.core.names import EnvironmentId

    status = world.inbox.lane(EnvironmentId(environment))
    if status is not None:
        return status
    known = [str(each.environment) for each in world.inbox.lanes()]
    near = difflib.get_close_matches(environment, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "`matinee list` shows those there are"
    raise Misused(f"there is no environment {environment!r}; {hint}")
