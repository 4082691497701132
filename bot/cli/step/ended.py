"""How a step has ended, and all that it leaves."""

from dataclasses import dataclass, field

import click

from bot.cli.codes import Code
from bot.core.telling.annotation import Annotation
from bot.core.telling.markdown import line
from bot.core.telling.result import Result


@dataclass(frozen=True, slots=True)
class Ended:
    """The code, and what is for those after it."""

    code: Code
    result: Result | None = None
    summary: str = ""
    """Markdown; empty: there is nothing to say."""
    annotations: tuple[Annotation, ...] = ()
    hidden: tuple[str, ...] = field(default=(), repr=False)
    """What no later step may print."""


def nothing(why: str) -> Ended:
    """There is nothing to do, and this is why."""
    say(f"nothing to do: {why}")
    return Ended(Code.DONE)


def say(why: str) -> None:
    """One sentence to whoever reads the job's log."""
    click.echo(f"matinee: {line(why)}", err=True)
