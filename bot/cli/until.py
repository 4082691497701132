"""Looks at one environment again and again, until a commit is up there, or will not be, or it takes too long."""

import time
from dataclasses import dataclass, replace

from bot.cli.sought import Sought
from bot.cli.stead import Stead
from bot.core.report import Report
from bot.core.telling.waiting import NotYet, Over, Up, known, look, names
from bot.inbox import Status
from bot.screen.terminal import Terminal
from bot.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the wait has come to, with the environment's newest report."""

    verdict: Up | NotYet | Over
    report: Report | None


def until_up(world: World, sought: Sought, terminal: Terminal, *, seconds: float) -> Ended:
    """Wait and show what happens; where no bot serves, take the turns that are due."""
    stead = Stead(world)
    terminal.log(f"waiting for {sought}")
    try:
        ended = _watched(world, sought, terminal, stead, time.monotonic() + seconds)
    finally:
        if not stead.idle:
            stead.give_back()
    if ended.report is not None:
        terminal.finish(ended.report)
    return ended


def _watched(world: World, sought: Sought, terminal: Terminal, stead: Stead, end: float) -> Ended:
    heard = False
    while True:
        status = sought.find(world.inbox)
        if status is not None:
            # From now on it is this one, whoever else comes to have the commit.
            sought = replace(sought, environment=status.environment)
        if status is not None and not heard and _heard(world, sought, status):
            # What was delivered since the look above is wanted by now.
            heard, status = True, sought.find(world.inbox)
        ended = _judged(world, status, sought, heard=heard)
        if ended.report is not None:
            terminal.show(ended.report)
        late = time.monotonic() >= end
        if late or (stead.idle and not isinstance(ended.verdict, NotYet)):
            return ended
        if status is not None:
            stead.take(status)
        world.inbox.wait(min(0.1 if heard else 1.0, max(end - time.monotonic(), 0.0)))


def _judged(world: World, status: Status | None, sought: Sought, *, heard: bool) -> Ended:
    if status is None:
        return Ended(verdict=look(None, None, commit=sought.commit, heard=heard), report=None)
    newest = () if status.lane.due else world.inbox.decisions(status.environment)[:1]
    decided = newest[0] if newest else None
    verdict = look(status.lane, status.report, commit=sought.commit, heard=heard, decided=decided)
    current = status.report is not None and status.report.generation == status.lane.generation
    told = current or not isinstance(verdict, NotYet)
    return Ended(verdict=verdict, report=status.report if told else None)


def _heard(world: World, sought: Sought, status: Status) -> bool:
    if not sought.commit or known(sought.commit, status.lane, status.report):
        return True
    return any(names(sought.commit, sha) for sha in world.inbox.delivered(status.environment))
