"""`matinee extend`: let a preview live longer."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.asking import find
from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.core.names import EnvironmentId
    from bot.world import World


@click.command(name="extend")
@click.argument("environment")
@click.argument("time")
@click.option("--json", "as_json", is_flag=True, help="Print when it ends as JSON.")
@click.pass_obj
def extend_command(config: Path | None, environment: str, time: str, *, as_json: bool) -> int:
    """Put the end of ENVIRONMENT off by TIME, like 24h or 1h30m; of one that only sleeps, its sleep.

    \b
    matinee extend github-1296269-7 24h
    matinee extend github-1296269-7 24h --json | jq -r .until
    """
    from bot.cli.open import open_world
    from bot.core.events import Ignored
    from bot.core.lifetime import moment
    from bot.core.telling.document import instant

    seconds = _seconds(time)
    world = open_world(config)
    status = find(world, environment)
    until = world.inbox.times.extend(status.environment, seconds, most=world.sweeps.longest)
    if isinstance(until, Ignored):
        click.echo(f"matinee: {until.why}", err=True)
        return Code.REFUSED
    _told(world, status.environment)
    told = {"environment": environment, "until": instant(until)}
    click.echo(json.dumps(told, indent=2) if as_json else f"{environment} is kept until {moment(until)}")
    return Code.DONE


def _seconds(time: str) -> float:
    import re

    from bot.core.patterns import TIMESPAN
    from bot.core.units import seconds

    if not re.fullmatch(TIMESPAN, time):
        raise click.UsageError(f"{time!r} is no time above zero; write it as 24h or 1h30m")
    return seconds(time)


def _told(world: "World", environment: "EnvironmentId") -> None:
    """Where no bot serves, keep the new time with the environment and tell the pull ourselves."""
    from bot.cli.stead import Stead

    stead, status = Stead(world), world.inbox.lane(environment)
    if status is not None:
        stead.take(status)
    while not stead.idle:
        world.inbox.wait(0.1)
