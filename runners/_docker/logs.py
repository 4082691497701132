"""What a service prints now: its own lines, and those of its tasks with their names before them."""

from collections.abc import Iterator, Sequence
from queue import SimpleQueue
from threading import Thread

from bot.core.names import EnvironmentId, Name
from runners._docker import names, versions
from runners._docker.engine import Engine, Seen
from runners._docker.farewell import role
from runners._docker.names import Role
from runners._docker.stream import lines

_PRINTING = (Role.OWN, Role.MAIN, Role.SIDECAR)


def said(engine: Engine, environment: EnvironmentId, name: Name, *, follow: bool) -> Iterator[str]:
    """The lines of all that serves, oldest first of each container."""
    printing = [seen for cast in _serving(engine, environment, name) for seen in cast if role(seen) in _PRINTING]
    if len(printing) < 2 or not follow:
        for seen in printing:
            yield from (_named(seen, line) for line in lines(engine, seen.id, follow=follow))
    else:
        yield from _mingled(engine, printing)


def _serving(engine: Engine, environment: EnvironmentId, name: Name) -> Sequence[Sequence[Seen]]:
    """The groups that serve; where none does, whatever there is."""
    casts = versions.groups(engine, environment, service=name).values()
    return [cast for cast in casts if versions.marked(cast)] or list(casts)


def _named(seen: Seen, line: str) -> str:
    task = seen.labels.get(names.TASK)
    return f"{task} | {line}" if task else line


def _mingled(engine: Engine, printing: Sequence[Seen]) -> Iterator[str]:
    """Every line as it comes, until the last container has ended."""
    told: SimpleQueue[str | None] = SimpleQueue()

    def follow(seen: Seen) -> None:
        try:
            for line in lines(engine, seen.id, follow=True):
                told.put(_named(seen, line))
        finally:
            told.put(None)

    for seen in printing:
        Thread(target=follow, args=(seen,), name=f"follow {seen.name}", daemon=True).start()
    left = len(printing)
    while left:
        line = told.get()
        left -= line is None
        if line is not None:
            yield line
