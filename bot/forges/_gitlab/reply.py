"""Our answer to one remark: a note of its own, found again by its marker."""

import re

from bot.core.events import PullKey, Remark
from bot.core.telling.comment import LIMIT
from bot.core.telling.markdown import bounded
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.notes import show

_STRANGE = re.compile(r"\W", re.ASCII)


def reply(api: Api, key: PullKey, to: Remark | None, body: str) -> None:
    """Answer it once, however often this is called: what is there already is edited where it says something else."""
    show(api, key, _answer(key, to, body))


def _answer(key: PullKey, to: Remark | None, body: str) -> str:
    which = _STRANGE.sub("", to.id)[:40] if to else "button"
    return f"<!-- matinee:answer {key.environment} {which} -->\n{bounded(body.strip(), LIMIT - 200)}\n"
