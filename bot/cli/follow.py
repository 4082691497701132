"""Follows one wish to its end: the bot carries it out where one serves, else this process does."""

import json
import time

import click

from bot.cli.codes import Code
from bot.cli.stead import Stead
from bot.core.deciding.turns import PATIENCE
from bot.core.decision import Decision, Verdict
from bot.core.errand import Cancel, Errand
from bot.core.errors import Unavailable
from bot.core.events import Ignored, Want, Wish
from bot.core.names import EnvironmentId
from bot.core.report import Report, State, StepState
from bot.core.telling.document import document
from bot.core.telling.markdown import line
from bot.core.telling.wording import failed
from bot.inbox import Status
from bot.printed import Printed
from bot.screen.terminal import Terminal
from bot.world import World

FAILED = frozenset({State.FAILED, State.STOP_FAILED, State.DELETE_FAILED})
_OPEN = frozenset({StepState.WAITING, StepState.RUNNING})
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
        screen = Screen(terminal, Printed(world, wish.key.environment) if live and not as_json else None)
        status = follow(world, wish.key.environment, screen)
        report = status.report
        if (left := left_out(world, status)) is not None:
            terminal.close()
            click.echo(f"matinee: {line(left.why)}", err=True)
        elif wish.want is Want.ERRAND and report is not None and not report.steps and report.why:
            terminal.close()
            click.echo(f"matinee: {line(report.why)}", err=True)
        else:
            screen.finish()
    if as_json:
        click.echo(json.dumps(document(report) if report is not None else None, indent=2))
    if left is not None:
        return Code.DONE
    if report is None and not status.lane.due:
        click.echo(f"matinee: nothing ever stood in {wish.key.environment}", err=True)
        return Code.DONE
    return errand_code(wish.errand, report) if wish.want is Want.ERRAND else code(status)


def left_out(world: World, status: Status) -> Decision | None:
    """The decision by which nothing was done, where filters have made it; an errand is not theirs."""
    newest = world.inbox.decisions(status.environment)[:1] if not status.lane.due else ()
    decided = newest[0] if newest else None
    if decided is None or decided.generation != status.lane.generation or decided.verdict is not Verdict.IGNORED:
        return None
    return decided


def errand_code(errand: Errand | None, report: Report | None) -> Code:
    """An errand leaves the environment's state as it is: its own steps say how it ended."""
    if report is None or report.state is State.QUEUED:
        return Code.UNAVAILABLE
    if isinstance(errand, Cancel):
        return Code.DONE
    if not report.steps:
        return Code.REFUSED
    return Code.FAILED if failed(report) else Code.DONE


class Late(Unavailable):
    """The time that was given is over."""


class Screen:
    """Shows what is new of one environment: its report, and the lines that its steps print where they are wanted.

    With `discreet`, a job's lines come when it has ended: only then it is known which of its outputs are secret.
    """

    def __init__(self, terminal: Terminal, printed: Printed | None = None, *, discreet: bool = False) -> None:
        self._terminal = terminal
        self._printed = printed
        self._discreet = discreet
        self._shown: Report | None = None

    def show(self, status: Status) -> None:
        """Show this newer state of it."""
        generation, report = status.lane.generation, status.report
        if report is not None and report != self._shown and report.generation == generation:
            self._shown = report
            self._terminal.show(report)
        if self._printed is not None:
            fit = _to_be_shown(report) if self._discreet else None
            for _, _, printed in self._printed.news(
                lambda book: book.generation == generation and (fit is None or (generation, book.step) in fit)
            ):
                self._terminal.log(printed)

    def finish(self) -> None:
        """Show the last report whole."""
        if self._shown is not None:
            self._terminal.finish(self._shown)


def _to_be_shown(report: Report | None) -> frozenset[tuple[int, str]]:
    """Generation and name of each step that leaves no outputs, or none any more."""
    steps = report.steps if report else ()
    shown = (step.name for step in steps if step.kind != "run" or step.state not in _OPEN)
    return frozenset((report.generation, name) for name in shown) if report else frozenset()


def follow(
    world: World,
    environment: EnvironmentId,
    screen: Screen,
    *,
    timeout: float | None = None,
    patience: float = 0,
) -> Status:
    """Show all that is new until the lane has nothing to do; an interrupt hands the lane back at once.

    So does the end of `timeout` seconds, as `Late`. `patience`: how long the turn may then take to leave off.
    """
    stead = Stead(world)
    late = None if timeout is None else time.monotonic() + timeout
    try:
        return _followed(world, environment, screen, stead, late)
    except (KeyboardInterrupt, Unavailable):
        stead.give_back(patience=patience)
        raise


def _followed(
    world: World, environment: EnvironmentId, screen: Screen, stead: Stead, late: float | None = None
) -> Status:
    while True:
        status = world.inbox.lane(environment)
        if status is None:
            raise Unavailable(f"{environment} vanished from the inbox while it was waited for; run the command again")
        screen.show(status)
        if stead.idle and (not status.lane.due or _tried(status)):
            break
        if late is not None and time.monotonic() > late:
            raise Late(f"{environment} was not done in time; what has begun goes on from there the next time")
        stead.take(status)
        world.inbox.wait(0.1)
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
