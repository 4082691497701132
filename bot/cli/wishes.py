"""`deploy`, `start`, `stop`, `delete`: a person's wish for an environment that there is."""

from pathlib import Path

import click

from bot.cli.asking import asked, confirmed, find

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
@click.argument("name", required=False)
@click.option("--force", is_flag=True, help="Go on without the delete jobs that fail.")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@_json
@click.pass_obj
def delete_command(
    config: Path | None, environment: str, name: str | None, *, force: bool, yes: bool, as_json: bool
) -> int:
    """Run ENVIRONMENT's delete jobs, then remove it; it stays away until a deploy by hand or a reopen.

    With NAME, delete only that service or job from it, for good.

    \b
    matinee delete github-1296269-7
    matinee delete github-1296269-7 --force        without the jobs that fail
    matinee delete github-1296269-7 worker --yes   one service
    """
    if name is None:
        return _wish(config, environment, "delete", as_json=as_json, force=force)
    if force:
        raise click.UsageError("--force is for a whole environment")
    return _drop(config, environment, name, yes=yes, as_json=as_json)


def _drop(config: Path | None, environment: str, name: str, *, yes: bool, as_json: bool) -> int:
    from bot.cli.follow import carry_out
    from bot.cli.open import open_world
    from bot.core.errand import Drop
    from bot.core.events import Want
    from bot.core.names import Name

    world = open_world(config)
    status = find(world, environment)
    confirmed(f"Delete {name} from {environment} for good?", yes=yes)
    return carry_out(world, asked(status, Want.ERRAND, errand=Drop(name=Name(name))), as_json=as_json)


def _wish(config: Path | None, environment: str, want: str, *, as_json: bool, force: bool = False) -> int:
    from bot.cli.follow import carry_out
    from bot.cli.open import open_world
    from bot.core.events import Want

    world = open_world(config)
    wish = asked(find(world, environment), Want(want), force=force)
    return carry_out(world, wish, as_json=as_json)
