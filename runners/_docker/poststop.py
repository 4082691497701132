"""The poststop tasks of a group: owed from its beginning, run once at its end, told how it ended.

The engine itself remembers what is owed: a container of each is made at once and never started. The one that runs at
the end is a copy of it, so that nobody need know the group any more, and no secret is kept anywhere else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.core.group import Ended, Ending
from bot.core.model import Hook
from bot.core.wire import Log
from runners._docker import archive, files, names
from runners._docker.engine import Engine, Seen, allowed
from runners._docker.fate import fate
from runners._docker.group import Instance, ready
from runners._docker.names import Role
from runners._docker.passing import Passing, completed
from runners._telling import of_task

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """A group's end: how it ended, and who is to hear what is printed then."""

    engine: Engine
    ending: Ending
    log: Log


def owe(instance: Instance) -> Ended | None:
    """Have a container for each poststop task, never to be started; why not, where one cannot be."""
    for order, task in enumerate(instance.group.hooked(Hook.POSTSTOP)):
        owed = {
            names.ORDER: str(order),
            names.RESTARTS: str(task.restarts),
            names.LINKS: files.dumps(files.links(task)),
        }
        name = names.beside(instance.called(task), "owed")
        made = ready(instance, task, Role.OWED, name=name, labels=owed)
        if isinstance(made, Ended):
            return replace(made, task=task.name)
    return None


def owed(cast: Sequence[Seen]) -> tuple[Seen, ...]:
    """What stands for the tasks to come, in the order in which they are written."""
    found = (seen for seen in cast if seen.labels.get(names.ROLE) == Role.OWED)
    return tuple(sorted(found, key=lambda seen: int(seen.labels[names.ORDER])))


def performed(farewell: Farewell, owed: Sequence[Seen]) -> tuple[Ended, ...]:
    """Run each once, or adopt it; those that failed."""
    ends = (replace(_performed(farewell, each), task=each.labels[names.TASK]) for each in owed)
    return tuple(ended for ended in ends if not ended.succeeded)


def past(cast: Sequence[Seen]) -> tuple[Ended, ...]:
    """Those that failed when what was owed was done before: the last try of each counts."""
    last: dict[str, Seen] = {}
    for seen in sorted(cast, key=lambda seen: seen.began or _NEVER):
        if seen.labels.get(names.ROLE) == Role.POSTSTOP and seen.ended:
            last[seen.labels[names.TASK]] = seen
    limit = names.ENDS_WITHIN
    ends = (replace(fate(seen, limit=int(seen.labels[limit])), task=task) for task, seen in last.items())
    return tuple(ended for ended in ends if not ended.succeeded)


def _performed(farewell: Farewell, owed: Seen) -> Ended:
    return completed(_tries(farewell, owed), of_task(farewell.log, owed.labels[names.TASK]))


def _tries(farewell: Farewell, owed: Seen) -> Iterator[Passing]:
    for number in range(1, int(owed.labels[names.RESTARTS]) + 2):
        name = names.task(owed.labels[names.GROUP], owed.labels[names.TASK], number)
        limit = int(owed.labels[names.ENDS_WITHIN])
        yield Passing(engine=farewell.engine, name=name, make=partial(_copied, farewell, owed, name), limit=limit)


def _copied(farewell: Farewell, owed: Seen, name: str) -> str | Ended:
    return allowed(lambda: _copy(farewell, owed, name))


def _copy(farewell: Farewell, owed: Seen, name: str) -> str:
    engine = farewell.engine
    made = engine.create(_body(engine.api.inspect_container(owed.id), farewell.ending), name)
    if entries := files.entries(engine, made, files.loads(owed.labels[names.LINKS])):
        engine.api.put_archive(made, "/", archive.packed(*entries))
    return made


def _body(shown: dict[str, Any], ending: Ending) -> dict[str, Any]:
    # The name is the holder's, and the engine takes none beside.
    config = {key: value for key, value in shown["Config"].items() if key not in ("Hostname", "Domainname")}
    told = {f"{name}=" for name in ending.variables}
    kept = [each for each in config["Env"] or () if not any(each.startswith(name) for name in told)]
    return {
        **config,
        "Env": [*kept, *(f"{name}={value}" for name, value in ending.variables.items())],
        "Labels": {**config["Labels"], names.ROLE: Role.POSTSTOP},
        "HostConfig": shown["HostConfig"],
    }
