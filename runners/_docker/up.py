"""One replica of a service on its way up: what comes before its mains, its mains until each is up, what begins then."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

from bot.core.group import Container, Ended, Fate, Task
from runners._docker import holder, prelude
from runners._docker.beside import Beside
from runners._docker.cancel import Either
from runners._docker.candidate import Candidate, brought_up
from runners._docker.engine import Seen, allowed
from runners._docker.fate import fate
from runners._docker.group import Instance, ready
from runners._docker.names import Role
from runners._docker.sidecar import Sidecars
from runners._telling import of_task

Lost = tuple[Ended, ...]


def up(replica: Instance) -> Lost | Ended:
    """Bring it up: the failure that keeps it down, or those that do not matter."""
    return _whole(replica) if replica.group.tasks else _alone(replica)


def mains(replica: Instance) -> tuple[Container, ...]:
    """Its own container and the tasks without a hook."""
    return (replica.group, *replica.group.hooked(None))


def _alone(replica: Instance) -> Lost | Ended:
    made = ready(replica, replica.group, Role.OWN)
    if isinstance(made, Ended):
        return made
    return brought_up(_candidate(replica, replica.group, made, None, Either(replica.cancel))) or ()


def _whole(replica: Instance) -> Lost | Ended:
    began = holder.ensured(replica)
    if isinstance(began, Ended):
        return began
    with Sidecars(replica, began) as sidecars:
        before = prelude.gone_through(replica, sidecars)
        if isinstance(before, Ended):
            return before
        after = _mains_and_beside(replica, sidecars, began)
    return replace(after, lost=(*before, *after.lost)) if isinstance(after, Ended) else (*before, *after)


def _mains_and_beside(replica: Instance, sidecars: Sidecars, began: Seen) -> Lost | Ended:
    made = {one.name: _running(replica, one, began) for one in mains(replica)}
    for refused in made.values():
        if isinstance(refused, Ended):
            return refused
    with Beside(replica, sidecars) as beside:
        beside.begin()
        failed = _all_up(replica, began, beside.failed)
        settled = beside.settled(needed=failed is None)
    if failed and (failed.fate is not Fate.CANCELLED or replica.cancel.is_set()):
        return failed
    return settled if isinstance(settled, Ended) else _fallen(replica) or settled


def _running(replica: Instance, one: Container, began: Seen) -> Ended | None:
    """Let a main run; why it cannot."""
    engine = replica.engine
    made = ready(replica, one, Role.MAIN if isinstance(one, Task) else Role.OWN)
    if isinstance(made, Ended):
        return _of(one, made)
    seen = engine.seen(made)
    if seen and seen.lives and not seen.joins(began):
        engine.stop(made, patience=0)
    refused = allowed(lambda: engine.api.start(made))
    return _of(one, refused) if isinstance(refused, Ended) else None


def _all_up(replica: Instance, began: Seen, failed: Event) -> Ended | None:
    """Wait for every main at once; the first failure ends the waiting."""
    given_up = Event()
    cancel = Either(Either(replica.cancel, failed), given_up)

    def one_up(one: Container) -> Ended | None:
        ended = brought_up(_candidate(replica, one, replica.called(one), began, cancel))
        if ended:
            given_up.set()
        return _of(one, ended) if ended else None

    with ThreadPoolExecutor(len(mains(replica)), "mains") as hands:
        ends = [ended for ended in hands.map(one_up, mains(replica)) if ended]
    return next((ended for ended in ends if ended.fate is not Fate.CANCELLED), ends[0] if ends else None)


def _fallen(replica: Instance) -> Ended | None:
    """A main that ended while what begins beside it was waited for."""
    if not replica.group.tasks:
        return None
    for one in mains(replica):
        seen = replica.engine.seen(replica.called(one))
        if seen and seen.ended:
            return _of(one, fate(seen))
    return None


def _candidate(replica: Instance, one: Container, made: str, owner: Seen | None, cancel: Either) -> Candidate:
    log = of_task(replica.log, one.name) if isinstance(one, Task) else replica.log
    return Candidate(
        engine=replica.engine,
        container=made,
        one=one,
        owner=owner,
        log=log,
        cancel=cancel,
        begun=owner is not None,
    )


def _of(one: Container, ended: Ended) -> Ended:
    return replace(ended, task=one.name) if isinstance(one, Task) else ended
