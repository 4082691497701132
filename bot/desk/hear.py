"""Gathers what the commands of a remark are judged by, and judges each by itself, in their order."""

import dataclasses
from collections.abc import Sequence

from bot.core.chat.commands import Command, Mistake
from bot.core.deciding.trust import Trust
from bot.core.events import Commented
from bot.core.judging import Hearing, Part, judge, no
from bot.core.telling.answers.refusals import mistakes
from bot.core.telling.answers.reply import room
from bot.desk.questions import looked_into
from bot.gathering.gather import find
from bot.world import World


def hear(told: Commented, commands: Sequence[Command | Mistake], world: World) -> tuple[Part, ...]:
    """What each command comes to; nothing is changed by it."""
    at = _gathered(told, world)
    limit = room(len(commands))
    parts: list[Part] = []
    for command in commands:
        part = _heard(command, at, world, limit)
        if part.approval is not None:
            at = dataclasses.replace(at, trust=dataclasses.replace(at.trust, approval=part.approval))
        parts.append(part)
    return tuple(parts)


def _heard(command: Command | Mistake, at: Hearing, world: World, limit: int) -> Part:
    if isinstance(command, Mistake):
        return no(mistakes((command,)))
    judged = judge(command, at)
    return judged if isinstance(judged, Part) else looked_into(judged, at, world, limit=limit)


def _gathered(told: Commented, world: World) -> Hearing:
    forge = world.forge(told.key.forge)
    permission = forge.permission(told.key, told.actor_id, told.actor)
    pull = find(world, told.key)
    approval = world.inbox.approved(told.key.environment, pull.head) if pull else None
    return Hearing(
        told=told,
        pull=pull,
        permission=permission,
        trust=Trust(approval=approval, no_forks=world.forks.against),
        now=world.inbox.now,
        longest=world.sweeps.longest,
    )
