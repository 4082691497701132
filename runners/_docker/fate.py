"""How a container ended, from what the engine shows of it. Pure."""

import re
from datetime import timedelta

from bot.core.group import Ended, Fate
from runners._docker.engine import KILLED, Seen

_NO_PROGRAM = (126, 127)
_INIT = re.compile(r"^\[FATAL tini \(\d+\)\] (exec .+ failed: .+)$")


def fate(seen: Seen, *, limit: int | None = None, last_line: str = "") -> Ended:
    """What became of a container that is over; a kill for its time is recognised also by a bot that came later."""
    if seen.code == KILLED and _overdue(seen, limit):
        return Ended(fate=Fate.TIMED_OUT, code=seen.code)
    # The engine notes it also where only a child was killed and the program itself went on to a good end.
    if seen.oom and seen.code:
        return Ended(fate=Fate.OUT_OF_MEMORY, code=seen.code)
    if seen.code in _NO_PROGRAM and (refused := _INIT.match(last_line)):
        return Ended(fate=Fate.NOT_STARTED, code=seen.code, detail=refused[1])
    return Ended(fate=Fate.EXITED, code=seen.code)


def _overdue(seen: Seen, limit: int | None) -> bool:
    if limit is None or seen.began is None or seen.finished is None:
        return False
    return seen.finished - seen.began >= timedelta(seconds=limit)
