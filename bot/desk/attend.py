"""One remark's turn: acknowledge, gather, judge, wish, answer."""

import logging

from bot.core.chat.parse import parse
from bot.core.errors import Gone, MatineeError, Overtaken
from bot.core.events import Answer, Ignored, Sign
from bot.core.judging import answer
from bot.desk.hear import hear
from bot.inbox import Heard
from bot.world import World

log = logging.getLogger(__name__)

LEASE = 60.0
"""Seconds after which a remark that a bot has taken is another's."""
PATIENCE = 14
"""How often a remark is taken up before it is given up: after about an hour."""
_LONGEST = 600.0
_LOOKS = 2
"""How often it is looked for: what was written a moment ago may not be everywhere yet."""
_GIVEN_UP = (
    "This could not be carried out for an hour, as something that it needs did not answer; nothing was changed. "
    "Say it again later; the bot's log has the details."
)


def attend(heard: Heard, world: World) -> bool:
    """Carry the remark out, once; what cannot be done now is put off, and False."""
    try:
        told = heard.answer or _carried_out(heard, world)
        if told is not None:
            _tell(heard, told, world)
        world.inbox.done(heard)
    except Overtaken as error:
        log.info("%s", error)
    except MatineeError as error:
        log.warning("%s: a remark is put off: %s", heard.told.key.environment, error)
        _put_off(heard, world)
        return False
    except Exception:
        log.exception("%s: a remark is put off by a fault of ours", heard.told.key.environment)
        _put_off(heard, world)
        return False
    return True


def _carried_out(heard: Heard, world: World) -> Answer | None:
    """What it is to be answered with, when all that it comes to is wished; None where it is for somebody else."""
    commands = parse(heard.told.text)
    if not commands or not _said(heard, world):
        return None
    _sign(heard, Sign.SEEN, world)
    parts = hear(heard.told, commands, world)
    wishes = tuple(part.wish for part in parts if part.wish)
    approved = tuple(part.approval for part in parts if part.approval)
    taken = world.inbox.answered(heard, wishes=wishes, approved=approved, answer=lambda taken: answer(parts, taken))
    return answer(parts, taken)


def _said(heard: Heard, world: World) -> bool:
    """Whether it was said at all, and not heard before: a delivery alone is no proof where somebody may shape it."""
    try:
        doubt = (
            Ignored("it was answered before") if heard.again else world.forge(heard.told.key.forge).confirm(heard.told)
        )
    except Gone:
        if heard.tries < _LOOKS:
            raise
        doubt = Ignored("the forge shows no such remark on this pull")
    if doubt is not None:
        log.warning("%s: a remark is ignored: %s", heard.told.key.environment, doubt.why)
    return doubt is None


def _tell(heard: Heard, told: Answer, world: World) -> None:
    """Reply and sign; to do it again is the same as doing it once."""
    if told.body:
        world.forge(heard.told.key.forge).reply(heard.told.key, heard.told.remark, told.body)
    _sign(heard, told.sign, world)


def _sign(heard: Heard, sign: Sign, world: World) -> None:
    """Acknowledge it, where that can be done: no command fails for want of a sign."""
    if heard.told.remark is None:
        return
    try:
        world.forge(heard.told.key.forge).react(heard.told.key, heard.told.remark, sign)
    except MatineeError as error:
        log.warning("%s: a remark has no sign: %s", heard.told.key.environment, error)


def _put_off(heard: Heard, world: World) -> None:
    if heard.answer is not None and heard.tries >= 2 * PATIENCE:
        world.inbox.done(heard)
        return
    if heard.answer is None and heard.tries >= PATIENCE:
        world.inbox.answered(heard, answer=lambda taken: Answer(body=_GIVEN_UP, sign=Sign.CONFUSED))
    world.inbox.defer(heard, seconds=pause(heard.tries))


def pause(tries: int) -> float:
    """Seconds until a remark that could not be carried out is taken up again: 2, 4, 8 … up to ten minutes."""
    return min(2.0 ** min(tries, 20), _LONGEST)
