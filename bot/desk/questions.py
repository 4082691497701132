"""Commands that take a look at more than the pull: what they ask is looked up, and changes nothing."""

from dataclasses import replace
from typing import assert_never

from bot.core.chat import commands
from bot.core.chat.help import help_text
from bot.core.events import Want, Wish
from bot.core.group import Home
from bot.core.judging import Hearing, Part, Question, wished
from bot.core.report import masked
from bot.core.telling.answers.decisions import why_answer
from bot.core.telling.answers.outlook import plan_answer
from bot.core.telling.answers.preview import status_answer
from bot.desk.clones import cloned
from bot.desk.logs import logs
from bot.foresee import foresee
from bot.masks import masks
from bot.world import World


def looked_into(question: Question, at: Hearing, world: World, *, limit: int) -> Part:
    """The answer, in fewer UTF-16 units than `limit`; or the wish, where a clone was asked for."""
    match question:
        case commands.Help(command=name):
            return Part(body=help_text(name))
        case commands.Status():
            return Part(body=_status(at, world, limit))
        case commands.Plan():
            return Part(body=_plan(wished(question, at, Want.DEPLOY), at, world, limit))
        case commands.Why():
            return Part(body=_why(wished(question, at, Want.DEPLOY), at, world, limit))
        case commands.Logs(name=name):
            return logs(name, at, world, limit=limit)
        case commands.Clone():
            return cloned(question, at, world)
        case _:
            assert_never(question)


def _status(at: Hearing, world: World, limit: int) -> str:
    environment = at.told.key.environment
    status = world.inbox.lane(environment)
    report = status.report if status else None
    if report is not None:
        report = masked(report, masks(world.runner, Home(environment=environment, generation=0), world.secrets))
    return status_answer(report, limit=limit)


def _plan(wish: Wish, at: Hearing, world: World, limit: int) -> str:
    found = foresee(world, wish, pull=at.pull)
    return plan_answer(found, at.pull.head if at.pull else None, limit=limit)


def _why(wish: Wish, at: Hearing, world: World, limit: int) -> str:
    """What was decided; where nothing was, what would be of an event of the pull's author's now."""
    decided = world.inbox.decisions(wish.key.environment)
    if decided or not (at.pull and at.pull.open):
        return why_answer(decided, limit=limit)
    event = replace(wish, actor=at.pull.author, actor_id=at.pull.author_id, person=False)
    return f"{why_answer((), limit=limit // 2)}\n\n{_plan(event, at, world, limit // 2)}"
