"""`matinee logs`: what a step printed, or what a service prints now."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.core.group import Home
    from bot.inbox import Status
    from bot.world import World


@click.command(name="logs")
@click.argument("environment")
@click.argument("name", required=False, default=None)
@click.option("--follow", "-f", is_flag=True, help="Go on until the service ends.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def logs_command(config: Path | None, environment: str, name: str | None, *, follow: bool, as_json: bool) -> int:
    """Print the log of NAME in ENVIRONMENT: a step as `matinee list --json` names it, a job, or a service.

    \b
    matinee logs local-5f0c3a9b1d22-0                       the names that there are
    matinee logs local-5f0c3a9b1d22-0 web                   what the service web prints now
    matinee logs local-5f0c3a9b1d22-0 "build web"           how its image was built
    matinee logs local-5f0c3a9b1d22-0 seed                  every run of the job seed
    """
    import json

    from bot.cli.open import open_world
    from bot.cli.wishes import find
    from bot.core.errors import Misused

    world = open_world(config)
    status = find(world, environment)
    books = world.inbox.steps_logged(status.environment)
    if name is None:
        click.echo("\n".join(sorted({step for _, step, _ in books} | set(_services(status)))))
        return Code.DONE
    chosen = [book for book in books if name == book[1] or book[1].startswith(f"run {name} on ")]
    if not chosen and name not in _services(status) and name not in _steps(status):
        raise Misused(f"{environment} has no log {name!r}; `matinee logs {environment}` lists those there are")
    clean = _cleaner(world, status)
    for generation, step, attempt in chosen:
        if not as_json:
            click.secho(f"── {step}, generation {generation}, attempt {attempt}", dim=True, err=True)
        for number, written in world.inbox.lines(status.environment, generation, step, attempt):
            line = clean(written)
            entry = {"step": step, "generation": generation, "attempt": attempt, "number": number, "line": line}
            click.echo(json.dumps(entry) if as_json else line)
    if name in _services(status):
        for line in _running(world, status, name, follow=follow):
            click.echo(json.dumps({"service": name, "line": line}) if as_json else line)
    return Code.DONE


def _steps(status: "Status") -> list[str]:
    return [step.name for step in status.report.steps] if status.report else []


def _services(status: "Status") -> list[str]:
    return [name.removeprefix("start ") for name in _steps(status) if name.startswith("start ")]


def _running(world: "World", status: "Status", name: str, *, follow: bool) -> "Iterator[str]":
    from bot.core.names import Name

    clean = _cleaner(world, status)
    return (clean(line) for line in world.runner.logs(_home(status), Name(name), follow=follow))


def _home(status: "Status") -> "Home":
    from bot.core.group import Home

    return Home(environment=status.environment, generation=status.lane.generation)


def _cleaner(world: "World", status: "Status") -> "Callable[[str], str]":
    """Masks what turned out to be secret, also after the line was kept, and what would drive the terminal."""
    from bot.core.markdown import plain
    from bot.masks import masks

    hide = masks(world.runner, _home(status), world.secrets)
    return lambda line: plain(hide(line))
