"""What a person at this terminal asks for: of which environment, and whether it is meant."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.core.errand import Errand
    from bot.core.events import Want, Wish
    from bot.inbox import Status
    from bot.world import World


def confirmed(question: str, *, yes: bool) -> None:
    """Go on only if a person says so; without a terminal to ask at, `--yes` has to."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("this cannot be undone, and there is nobody to ask here; add --yes")
    click.confirm(question, abort=True)


def asked(status: "Status", want: "Want", *, errand: "Errand | None" = None, force: bool = False) -> "Wish":
    """What a person at this terminal wants of an environment."""
    from bot.core.events import Want, Wish

    person = _person()
    return Wish(
        key=status.lane.wish.key,
        repository=status.lane.wish.repository,
        want=want,
        sha=status.report.sha if status.report and want is Want.DEPLOY else None,
        actor=person,
        why=f"{person} asked for it",
        person=True,
        force=force,
        errand=errand,
    )


def _person() -> str:
    import getpass
    import os

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


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
