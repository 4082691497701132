"""An answer to one remark: a short comment with a marker of its own, so that it is given once."""

import re

from bot.core.events import Remark
from bot.core.names import EnvironmentId
from bot.core.telling.markdown import bounded

LIMIT = 65_000
"""In UTF-16 units, a little below what GitHub takes; whoever words an answer keeps well within it."""
_STRANGE = re.compile(r"\W", re.ASCII)


def answer(environment: EnvironmentId, to: Remark | None, body: str) -> str:
    """The whole text of the answer; to None where somebody pressed a button, of which the last is answered."""
    which = _STRANGE.sub("", to.id)[:40] if to else "button"
    return f"<!-- matinee:answer {environment} {which} -->\n{bounded(body.strip(), LIMIT)}\n"
