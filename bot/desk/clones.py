"""A clone that somebody asks for on a pull: what is copied, where to, and whether they may write there, too."""

import dataclasses

from bot.cloning import Uncopied, copied
from bot.core.chat.commands import Clone
from bot.core.errand import Adopt
from bot.core.events import Want, Wish
from bot.core.judging import Hearing, Part, no, wished
from bot.core.names import EnvironmentId
from bot.core.permission import Permission
from bot.core.telling.markdown import code, harmless
from bot.world import World


def cloned(command: Clone, at: Hearing, world: World) -> Part:
    """The wish for it in the environment that gets it, or why there is none."""
    own = at.told.key.environment
    wish = wished(command, at, Want.ERRAND)
    if command.environment is not None and command.environment != own:
        target = _target(command.environment, at, world)
        if isinstance(target, str):
            return no(target)
        wish = dataclasses.replace(wish, key=target.key, repository=target.repository)
    clone = copied(world, own, command.name)
    if isinstance(clone, Uncopied):
        return no(f"{harmless(clone.why)}.")
    errand = Adopt(name=command.new or command.name, clone=clone)
    return Part(wish=dataclasses.replace(wish, errand=errand))


def _target(environment: EnvironmentId, at: Hearing, world: World) -> Wish | str:
    """What is wanted of the other environment; or why nothing may be put there, which is not for all to know."""
    told = at.told
    if at.pull and at.pull.fork:
        return "What a fork has built stays in the fork's own preview."
    status = world.inbox.lane(environment)
    if status is not None and status.lane.wish.key.forge != told.key.forge:
        return f"{code(environment)} is of another forge; `matinee clone` on the command line reaches it."
    if status is None or _permission(status.lane.wish, at, world) < Permission.WRITE:
        return f"There is no environment {code(environment)} in whose repository {harmless(told.actor)} may write."
    return status.lane.wish


def _permission(wish: Wish, at: Hearing, world: World) -> Permission:
    return world.forge(wish.key.forge).permission(wish.key, at.told.actor_id, at.told.actor)
