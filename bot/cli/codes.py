"""Exit codes: the one place where an end becomes a number."""

import os
import sys
from enum import IntEnum

import click

from bot.core.errors import MatineeError, Misused, Unavailable


class Code(IntEnum):
    """What the shell is told."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INVALID = 3
    REFUSED = 4
    UNAVAILABLE = 5
    FAULT = 6
    INTERRUPTED = 130


def run(command: click.Command) -> int:
    """Run the command line; every error is one sentence on standard error and a code."""
    try:
        ended = command.main(standalone_mode=False, prog_name="matinee")
        return int(ended) if isinstance(ended, int) else Code.DONE
    except click.ClickException as error:
        error.show()
        return Code.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; the same command goes on from here, delete takes away what there is", err=True)
        return Code.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Code.DONE
    except MatineeError as error:
        return told(error)
    except Exception as error:
        if os.environ.get("MATINEE_TRACEBACK"):
            raise
        click.echo(
            f"matinee: a fault of ours: {type(error).__name__}: {error}\n"
            "Set MATINEE_TRACEBACK=1 and run it again to see where; please report it with that.",
            err=True,
        )
        return Code.FAULT


def told(error: MatineeError) -> Code:
    """Say what is wrong; its code."""
    click.echo(f"matinee: {error}", err=True)
    return _code(error)


def _code(error: MatineeError) -> Code:
    match error:
        case Misused():
            return Code.USAGE
        case Unavailable():
            return Code.UNAVAILABLE
        case _:
            return Code.FAULT
