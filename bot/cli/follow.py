"""Follows one wish to its end: the bot carries it out where one serves, else this process does."""

import json

import click

from bot.cli.codes import Code
from bot.cli.stead import Stead
from bot.core.document import document
from bot.core.errors import Unavailable
from bot.core.events import Ignored, Want, Wish
from bot.core.names import EnvironmentId
from bot.core.report import Report, State
from bot.core.turns import PATIENCE
from bot.core.wording import failed
from bot.inbox import Status
from bot.terminal import Terminal
from bot.world import World

FAILED = frozenset({State.FAILED, State.STOP_FAILED, State.DELETE_FAILED})
TRIES = {State.DELETING: PATIENCE, State.DELETE_FAILED: PATIENCE}
"""How often a command waits for another turn before it leaves the rest to the bot; else once."""


def carry_out(world: World, wish: Wish, *, as_json: bool, live: bool = False) -> Code:
    """Wish, wait for the end, show it; `live` prints what the steps print while they do."""
    stored = world.inbox.wish(wish)
    if isinstance(stored, Ignored):
        click.echo(f"matinee: {stored.why}", err=True)
        if wish.want is Want.ERRAND:
            return Code.REFUSED
    with Terminal(quiet=as_json) as terminal:
        status = follow(world, wish.key.environment, terminal)
    report = status.report
    if as_json and report is not None:
        click.echo(json.dumps(document(report), indent=2))
    return _errand_code(report) if wish.want is Want.ERRAND else code(status)


def _errand_code(report: Report | None) -> Code:
    """An errand leaves the environment's state as it is: its own steps say how it ended."""
    if report is None or report.state is State.QUEUED:
        return Code.UNAVAILABLE
    if not report.steps:
        return Code.REFUSED
    return Code.FAILED if failed(report) else Code.DONE


def follow(world: World, environment: EnvironmentId, terminal: Terminal) -> Status:
    """Show every new report until the lane has nothing to do; an interrupt hands the lane back at once."""
    stead = Stead(world)
    try:
        return _followed(world, environment, terminal, stead)
    except KeyboardInterrupt:
        stead.give_back()
        raise


def _followed(world: World, environment: EnvironmentId, terminal: Terminal, stead: Stead) -> Status:
    shown: Report | None = None
    while True:
        status = world.inbox.lane(environment)
        if status is None:
            raise Unavailable(f"{environment} vanished from the inbox while it was waited for; run the command again")
        if status.report is not None and status.report != shown and status.report.generation == status.lane.generation:
            shown = status.report
            terminal.show(shown)
        if stead.idle and (not status.lane.due or _tried(status)):
            break
        stead.take(status)
        world.inbox.wait(0.1)
    if shown is not None:
        terminal.finish(shown)
    return status


def _tried(status: Status) -> bool:
    state = status.report.state if status.report else State.QUEUED
    return status.lane.tries >= TRIES.get(state, 1)


def code(status: Status) -> Code:
    """What the shell is told of how it ended."""
    report = status.report
    if report is None or report.state is State.QUEUED:
        return Code.UNAVAILABLE
    if report.state is State.REFUSED:
        return Code.INVALID if report.problems else Code.REFUSED
    return Code.FAILED if report.state in FAILED else Code.DONE
