"""`matinee logs`: what a step printed or prints, or what a service prints now."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.core.names import EnvironmentId
    from bot.inbox import Status
    from bot.printed import Book, Printed
    from bot.world import World

_PAUSE = 0.2


@click.command(name="logs")
@click.argument("environment")
@click.argument("name", required=False, default=None)
@click.option("--follow", "-f", is_flag=True, help="Go on until the step, job or service ends.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def logs_command(config: Path | None, environment: str, name: str | None, *, follow: bool, as_json: bool) -> int:
    """Print the log of NAME in ENVIRONMENT: a step as `matinee list --json` names it, a job, or a service.

    \b
    matinee logs local-5f0c3a9b1d22-0                       the names that there are
    matinee logs local-5f0c3a9b1d22-0 web                   what the service web prints now
    matinee logs local-5f0c3a9b1d22-0 "build web"           how its image was built
    matinee logs local-5f0c3a9b1d22-0 seed                  every run of the job seed
    matinee logs local-5f0c3a9b1d22-0 seed -f               the run that is under way, too, until it ends
    """
    from bot.cli.asking import find
    from bot.cli.open import open_world
    from bot.core.errors import Misused
    from bot.printed import Printed, meant

    world = open_world(config)
    status = find(world, environment)
    printed, services = Printed(world, status.environment), _services(world, status)
    steps = {book.step for book in printed.books()}
    if name is None:
        click.echo("\n".join(sorted(steps | services)))
        return Code.DONE
    if name not in services and not any(meant(name, step) for step in {*steps, *_steps(status)}):
        raise Misused(f"{environment} has no log {name!r}; `matinee logs {environment}` lists those there are")
    asked = _Asked(world=world, environment=status.environment, name=name, follow=follow, as_json=as_json)
    _print_steps(asked, printed)
    if name in services:
        _print_service(asked)
    return Code.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What to print, and how."""

    world: "World"
    environment: "EnvironmentId"
    name: str
    follow: bool
    as_json: bool

    def print(self, line: str, entry: dict[str, object]) -> None:
        """Print one line, with where it comes from where that is wanted."""
        import json

        click.echo(json.dumps({**entry, "line": line}) if self.as_json else line)


def _print_steps(asked: _Asked, printed: "Printed") -> None:
    """Print what the steps of this name have printed; where they are followed, until none is under way any more."""
    from bot.printed import meant

    last: Book | None = None
    while True:
        going_on = asked.follow and _under_way(asked.world.inbox.lane(asked.environment), asked.name)
        for book, number, line in printed.news(lambda book: meant(asked.name, book.step)):
            if book != last and not asked.as_json:
                about = f"── {book.step}, generation {book.generation}, attempt {book.attempt}"
                click.secho(about, dim=True, err=True)
            last = book
            where = {"step": book.step, "generation": book.generation, "attempt": book.attempt, "number": number}
            asked.print(line, where)
        if not going_on:
            return
        asked.world.inbox.wait(_PAUSE)


def _print_service(asked: _Asked) -> None:
    from bot.core.group import Home
    from bot.core.names import Name
    from bot.printed import cleaner

    clean = cleaner(asked.world, asked.environment)
    home = Home(environment=asked.environment, generation=0)
    for line in asked.world.runner.logs(home, Name(asked.name), follow=asked.follow):
        asked.print(clean(line), {"service": asked.name})


def _under_way(status: "Status | None", name: str) -> bool:
    """Whether somebody carries out a step of this name, or will before the turn is over."""
    from bot.core.report import StepState
    from bot.printed import meant

    if status is None or status.owner is None or status.report is None:
        return False
    ahead = (StepState.WAITING, StepState.RUNNING)
    return any(meant(name, step.name) and step.state in ahead for step in status.report.steps)


def _steps(status: "Status") -> list[str]:
    return [step.name for step in status.report.steps] if status.report else []


def _services(world: "World", status: "Status") -> set[str]:
    """The services that stand, and those that are about to."""
    from bot.printed import services

    coming = {name.removeprefix("start ") for name in _steps(status) if name.startswith("start ")}
    return services(world, status.environment) | coming
