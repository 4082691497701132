"""`cancel`, `run`, `clone`, `reset`: one thing done in an environment as it is."""

from pathlib import Path

import click

from bot.cli.asking import asked, confirmed, find

_json = click.option("--json", "as_json", is_flag=True, help="Print the environment as JSON at the end.")
_yes = click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")


@click.command(name="cancel")
@click.argument("environment")
@_json
@click.pass_obj
def cancel_command(config: Path | None, environment: str, *, as_json: bool) -> int:
    """End the deploy or errand that is under way in ENVIRONMENT and drop what waits; what serves goes on serving.

    An attempt of a job is let end, unless the job says `interruptible`. A stop or a delete is not cancelled: a deploy
    takes over from it.

    \b
    matinee cancel github-1296269-7
    """
    from bot.cli.follow import carry_out
    from bot.cli.open import open_world
    from bot.core.errand import Cancel
    from bot.core.events import Want

    world = open_world(config)
    return carry_out(world, asked(find(world, environment), Want.ERRAND, errand=Cancel()), as_json=as_json)


@click.command(name="run")
@click.argument("environment")
@click.argument("job")
@click.argument("event", type=click.Choice(["deploy", "stop", "delete"]))
@_json
@click.pass_obj
def run_command(config: Path | None, environment: str, job: str, event: str, *, as_json: bool) -> int:
    """Run JOB in ENVIRONMENT as it does at EVENT, now, whatever its `run` says; nothing else is touched.

    \b
    matinee run github-1296269-7 seed deploy
    matinee run github-1296269-7 seed stop --json | jq .outputs
    """
    from bot.cli.follow import carry_out
    from bot.cli.open import open_world
    from bot.core.errand import Force
    from bot.core.events import Want
    from bot.core.model import JobEvent
    from bot.core.names import Name

    world = open_world(config)
    errand = Force(job=Name(job), event=JobEvent(event))
    return carry_out(world, asked(find(world, environment), Want.ERRAND, errand=errand), as_json=as_json, live=True)


@click.command(name="clone")
@click.argument("environment")
@click.argument("name")
@click.option("--as", "new", metavar="NEW", help="The clone's name (default: the same).")
@click.option("--to", "target", metavar="ENVIRONMENT", help="Where to put it (default: the same environment).")
@_json
@click.pass_obj
def clone_command(
    config: Path | None, environment: str, name: str, *, new: str | None, target: str | None, as_json: bool
) -> int:
    """Put a copy of the service or job NAME of ENVIRONMENT beside it, or into another environment.

    The same configuration and images, with the target's variables and secrets. Pushes leave it alone; the target's
    delete ends it.

    \b
    matinee clone github-1296269-7 web --as web2
    matinee clone github-1296269-7 seed --to github-1296269-9
    """
    from bot.cli.follow import carry_out
    from bot.cli.open import open_world
    from bot.cloning import Uncopied, copied
    from bot.core.errand import Adopt
    from bot.core.errors import Misused
    from bot.core.events import Want
    from bot.core.names import NAME, Name

    world = open_world(config)
    source = find(world, environment)
    if new is not None and not NAME.fullmatch(new):
        raise click.UsageError(f"{new!r} is no name; use at most 40 of a-z, 0-9 and -, a letter first")
    clone = copied(world, source.environment, Name(name))
    if isinstance(clone, Uncopied):
        raise Misused(clone.why)
    errand = Adopt(name=Name(new or name), clone=clone)
    status = find(world, target) if target else source
    return carry_out(world, asked(status, Want.ERRAND, errand=errand), as_json=as_json, live=True)


@click.command(name="reset")
@click.argument("environment")
@click.argument("services", nargs=-1)
@_yes
@_json
@click.pass_obj
def reset_command(config: Path | None, environment: str, services: tuple[str, ...], *, yes: bool, as_json: bool) -> int:
    """Empty the volumes of SERVICES in ENVIRONMENT (default: of all), forget what ran once, and deploy again.

    \b
    matinee reset github-1296269-7
    matinee reset github-1296269-7 db --yes
    """
    from bot.cli.follow import carry_out
    from bot.cli.open import open_world
    from bot.core.errand import Reset
    from bot.core.events import Want
    from bot.core.names import Name

    world = open_world(config)
    status = find(world, environment)
    confirmed(f"Empty the volumes of {', '.join(services) or 'all services'} in {environment}?", yes=yes)
    errand = Reset(services=tuple(map(Name, services)))
    return carry_out(world, asked(status, Want.DEPLOY, errand=errand), as_json=as_json)
