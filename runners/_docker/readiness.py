"""The port of a job, asked while it runs: one line of its log says when it answers, or that it never did."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from runners._docker.group import Instance
from runners._docker.passing import Under
from runners._docker.probe import listens

_PAUSE = 0.2
_TIMEOUT = 1.0


@contextmanager
def watched(attempt: Instance, own: Under) -> Iterator[None]:
    """Ask for as long as this is open; what is over already is not asked."""
    if attempt.group.port is None or own.refused or own.late:
        yield
        return
    over = Event()
    asking = Thread(target=_ask, args=(attempt, attempt.group.port, over), name="readiness", daemon=True)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()


def _ask(attempt: Instance, port: int, over: Event) -> None:
    owner = attempt.owner
    published = owner.ports.get(port) if owner else None
    while published is not None and not over.is_set():
        if listens(published, timeout=_TIMEOUT):
            attempt.log(f"port {port} answers")
            return
        over.wait(_PAUSE)
    attempt.log(f"port {port} never answered")
