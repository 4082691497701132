"""`matinee plan`: what a deploy of a local checkout would do."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.core.plan import Plan


@click.command(name="plan")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@click.pass_obj
def plan_command(config: Path | None, path: Path, *, as_json: bool) -> int:
    """Show what `matinee up PATH` would do and in which order, and do nothing.

    \b
    matinee plan examples/shop
    """

    from threading import Event

    from bot.cli.open import open_world, read
    from bot.core.decide import Refused, Situation, decide
    from bot.core.events import wish
    from bot.core.group import Home
    from bot.core.spec import Unreadable
    from bot.forges import local
    from bot.gather import fetch, find, read_spec

    world = open_world(config)
    wanted = wish(local.create(read(config)).snapshot(path))
    pull = find(world, wanted.key)
    spec = read_spec(fetch(world, pull, Event())) if pull else None
    stands = world.runner.recall(Home(environment=wanted.key.environment, generation=0))
    decision = decide(Situation(wish=wanted, pull=pull, spec=spec, stands=stands))
    if isinstance(decision, Refused):
        if isinstance(spec, Unreadable):
            click.echo(str(spec))
        click.echo(f"matinee: {decision.why}", err=True)
        return Code.INVALID if decision.problems else Code.REFUSED
    click.echo(_document(decision) if as_json else _text(decision))
    return Code.DONE


def _document(plan: "Plan") -> str:
    steps = [
        {"name": step.id, "kind": type(step.act).__name__.lower(), "after": sorted(step.waits), "why": step.why}
        for step in plan.steps
    ]
    return json.dumps({"want": plan.want, "why": plan.why, "steps": steps}, indent=2)


def _text(plan: "Plan") -> str:
    width = max((len(step.id) for step in plan.steps), default=0)
    lines = (f"{step.id:<{width}}  {_after(sorted(step.waits))}  {step.why}" for step in plan.steps)
    return "\n".join(line.rstrip() for line in lines)


def _after(waits: list[str]) -> str:
    return f"after {', '.join(waits)}" if waits else "at once"
