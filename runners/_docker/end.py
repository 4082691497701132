"""How a group with tasks ended, kept on the engine itself: in the label of a container that is never started.

So a group that is over is never taken up again, whoever comes back to it, and its end stays the same.
"""

import json
from collections.abc import Sequence

from bot.core.group import Ended, Ending, Fate, Group, ending
from bot.core.names import Name
from runners._docker import names
from runners._docker.engine import Engine, Seen
from runners._docker.fate import fate
from runners._docker.names import Role
from runners._ends import dumped, loaded


def keep(engine: Engine, holder: Seen, end: Ended | Ending) -> None:
    """Write down how a group ended; what was written first stays."""
    labels = {**holder.labels, names.ROLE: Role.END, names.END: json.dumps(dumped(end))}
    body = {"Image": holder.image, "Cmd": ["never"], "Labels": labels, "HostConfig": {"NetworkMode": "none"}}
    engine.create(body, names.beside(holder.labels[names.GROUP], "end"))


def kept(seen: Seen | None) -> Ended | Ending | None:
    """What was written down."""
    text = seen.labels.get(names.END) if seen else None
    return None if text is None else loaded(json.loads(text))


def outlived(cast: Sequence[Seen]) -> Ending:
    """How a job's attempt ended that nobody brought to its end: by what is left of it."""
    known = next((end for seen in cast if (end := kept(seen))), None)
    if isinstance(known, Ending):
        return known
    own = next((seen for seen in cast if seen.labels.get(names.ROLE) == Role.OWN), None)
    ended = known or _fate(own)
    name = Name(cast[0].labels.get(names.JOB, ""))
    return ending(ended, Group(name=name, image="", version="", event=cast[0].labels.get(names.EVENT)))


def _fate(own: Seen | None) -> Ended:
    if own is None or not own.ended:
        return Ended(fate=Fate.CANCELLED)
    return fate(own, limit=int(own.labels[names.ENDS_WITHIN]))
