"""What earlier attempts of a job left on the engine: let end, brought to their end, taken away; or told once more."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.core.group import Ended, Fate
from runners._docker import end, farewell, names
from runners._docker.engine import Seen
from runners._docker.farewell import role
from runners._docker.group import Instance
from runners._docker.names import Role
from runners._docker.poststop import Farewell
from runners._docker.stream import lines
from runners._telling import of_task

_GLANCE = 0.5


def settled(attempt: Instance) -> bool:
    """Let what still runs come to its end, then clear it away; False where nobody wants to wait any more."""
    former = _former(attempt)
    for cast in former.values():
        if any(_older(attempt, seen) and not _outwaited(attempt, seen) for seen in cast):
            return False
    for group, cast in former.items():
        if _older(attempt, cast[0]):
            _taken(attempt, group, cast)
        else:
            _put_by(attempt, cast)
    return True


def retold(attempt: Instance, cast: Sequence[Seen]) -> None:
    """Tell every line that is left of a group that is over."""
    ran = sorted((seen.began, seen.name, seen) for seen in cast if seen.began and role(seen) in _TELLING)
    for _, _, seen in ran:
        task = seen.labels.get(names.TASK)
        log = of_task(attempt.log, task) if task else attempt.log
        for line in lines(attempt.engine, seen.id, follow=False):
            log(line)


_TELLING = (Role.OWN, Role.PASSING, Role.SIDECAR)


def _former(attempt: Instance) -> Mapping[str, Sequence[Seen]]:
    """The containers of this job's other groups, by group."""
    found: dict[str, list[Seen]] = {}
    for seen in attempt.engine.listed(names.ours(attempt.home.environment, job=attempt.group.name)):
        group = seen.labels.get(names.GROUP, seen.name)
        if group != attempt.name:
            found.setdefault(group, []).append(seen)
    return found


def _older(attempt: Instance, seen: Seen) -> bool:
    return int(seen.labels[names.GENERATION]) < attempt.home.generation


def _taken(attempt: Instance, group: str, cast: Sequence[Seen]) -> None:
    """Do what the group owes, and remove it where this attempt stands for it."""
    log, engine = attempt.log, attempt.engine
    owes = any(role(seen) is Role.HOLDER for seen in cast)
    if not owes and cast[0].labels[names.EVENT] != attempt.group.event:
        return
    farewell.taken(Farewell(engine=engine, ending=end.outlived(cast), log=log), attempt.home.environment, group)


def _put_by(attempt: Instance, cast: Sequence[Seen]) -> None:
    """Leave of an attempt of the same turn only what tells how it ended: its poststop tasks are its successor's."""
    if cast[0].labels[names.EVENT] != attempt.group.event:
        return
    holder = next((seen for seen in cast if role(seen) is Role.HOLDER), None)
    if holder is None:
        return
    farewell.quiet(attempt.engine, cast)
    if not any(end.kept(seen) for seen in cast):
        end.keep(attempt.engine, holder, Ended(fate=Fate.CANCELLED))
    farewell.spent(attempt.engine, cast)


def _outwaited(attempt: Instance, older: Seen) -> bool:
    limit = older.labels.get(names.ENDS_WITHIN)
    if limit is None:
        return True
    ends = timedelta(seconds=int(limit))
    while (seen := attempt.engine.seen(older.id)) and seen.running and seen.began:
        if datetime.now(UTC) >= seen.began + ends:
            attempt.engine.kill(seen.id)
        elif attempt.cancel.wait(_GLANCE):
            return False
    return True
