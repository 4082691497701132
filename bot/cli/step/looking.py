"""Commands of a step that change nothing: whether the pull's spec is valid, and what a deploy would do."""

import sys
from dataclasses import replace
from threading import Event as Flag

import click

from bot.cli.codes import Code
from bot.cli.step.ended import Ended, nothing, say
from bot.core.deciding.decide import Refused
from bot.core.events import Event, Ignored, Want, wish_for
from bot.core.reading.spec import Unreadable
from bot.core.telling.annotation import of_problem
from bot.core.telling.answers.outlook import plan_answer
from bot.core.telling.markdown import code, plain
from bot.core.telling.wording import short
from bot.foresee import foresee
from bot.gathering.fetch import fetch
from bot.gathering.gather import find, spec_of
from bot.screen.plan_table import drawn
from bot.world import World


def check(world: World, event: Event) -> Ended:
    """Read the spec in the pull's newest commit, whoever made it: nothing of it is run."""
    pull = find(world, event.key)
    if pull is None:
        return nothing("the forge shows no such pull (any more)")
    found = spec_of(world, pull, fetch(world, pull, pull.head, Flag()))
    if isinstance(found, Unreadable):
        click.echo(plain(str(found)), err=True)
        return _invalid(found, plan_answer(found, pull.head))
    say(f"the spec of {pull.head} is valid")
    return Ended(Code.DONE, summary=f"**The spec of {code(short(pull.head))} is valid.**")


def plan(world: World, event: Event) -> Ended:
    """Foresee what a deploy of the pull's newest commit would do."""
    pull = find(world, event.key)
    if pull is None:
        return nothing("the forge shows no such pull (any more)")
    wish = replace(wish_for(event, Want.DEPLOY), sha=pull.head)
    found = foresee(world, wish, pull=pull)
    summary = plan_answer(found, pull.head)
    match found:
        case Unreadable():
            click.echo(plain(str(found)), err=True)
            return _invalid(found, summary)
        case Refused(why=why):
            say(why)
            return Ended(Code.REFUSED, summary=summary)
        case Ignored(why=why):
            say(why)
            return Ended(Code.DONE, summary=summary)
        case outlook:
            click.echo(drawn(outlook, sys.stderr), err=True)
            return Ended(Code.DONE, summary=summary)


def _invalid(spec: Unreadable, summary: str) -> Ended:
    return Ended(Code.INVALID, summary=summary, annotations=tuple(map(of_problem, spec.placed)))
