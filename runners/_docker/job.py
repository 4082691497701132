"""One attempt of a job: begun once by its name, adopted by whoever comes later, read when it has ended well."""

from dataclasses import replace
from functools import partial

from bot.core.group import Ended, Ending, Fate
from bot.core.wire import Cancel
from runners._docker import end, farewell, former, holder, output, prelude
from runners._docker.beside import Beside
from runners._docker.cancel import Either
from runners._docker.engine import KILLED, Seen
from runners._docker.group import Instance, ready
from runners._docker.names import Role
from runners._docker.passing import Passing, Under
from runners._docker.poststop import Farewell
from runners._docker.readiness import watched
from runners._docker.sidecar import Sidecars


def run(attempt: Instance) -> Ended:
    """Run the attempt, or adopt it where it has begun or is over."""
    if not former.settled(attempt):
        return Ended(fate=Fate.CANCELLED)
    ended = _whole(attempt) if attempt.group.tasks else _alone(attempt)
    if not ended.succeeded:
        return ended
    own = attempt.engine.seen(attempt.name)
    return replace(ended, output=output.read(attempt.engine, own.id)) if own else ended


def finish(attempt: Instance, ending: Ending) -> tuple[Ended, ...]:
    """End the group of the last attempt, and do what it owes; those of its poststop tasks that failed."""
    if not attempt.group.tasks:
        return ()
    with attempt.records.held(attempt.home.environment, attempt.name):
        cast = attempt.cast()
        failures = farewell.ended(Farewell(engine=attempt.engine, ending=ending, log=attempt.log), cast)
        farewell.spent(attempt.engine, cast)
    return failures


def _alone(attempt: Instance) -> Ended:
    """Of one container: only its beginning is for one at a time."""
    with attempt.records.held(attempt.home.environment, attempt.name), attempt.folders.beginning():
        one = _own(attempt, attempt.unwanted)
        own = Under(replace(one, make=lambda: _unless_cancelled(attempt, one)), attempt.log)
    with watched(attempt, own):
        return own.awaited()


def _unless_cancelled(attempt: Instance, one: Passing) -> str | Ended:
    return Ended(fate=Fate.CANCELLED) if attempt.cancel.is_set() else one.make()


def _whole(attempt: Instance) -> Ended:
    """Of several containers: one at a time leads them, and who comes later finds how it ended."""
    engine = attempt.engine
    with attempt.records.held(attempt.home.environment, attempt.name):
        cast = attempt.cast()
        known = next((found for seen in cast if isinstance(found := end.kept(seen), Ended)), None)
        if known:
            former.retold(attempt, cast)
            return known
        if attempt.cancel.is_set() and not any(seen.began for seen in cast):
            return Ended(fate=Fate.CANCELLED)
        began = holder.ensured(attempt)
        ended = began if isinstance(began, Ended) else _led(attempt, began)
        if not isinstance(began, Ended):
            end.keep(engine, began, ended)
        return ended


def _led(attempt: Instance, began: Seen) -> Ended:
    own = attempt.engine.seen(attempt.name)
    with Sidecars(attempt, began, over=own is not None and own.ended) as sidecars:
        before = prelude.gone_through(attempt, sidecars, late=own is not None and own.began is not None)
        ended = before if isinstance(before, Ended) else _performed(attempt, sidecars)
        farewell.quiet(attempt.engine, attempt.cast())
        sidecars.rest()
    lost = () if isinstance(before, Ended) else before
    return replace(ended, lost=(*lost, *ended.lost))


def _performed(attempt: Instance, sidecars: Sidecars) -> Ended:
    """The main, with what begins once it runs."""
    with Beside(attempt, sidecars) as beside:
        own = Under(_own(attempt, Either(attempt.unwanted, beside.failed)), attempt.log)
        if own.refused:
            return own.refused
        beside.begin()
        with watched(attempt, own):
            ended = own.awaited()
        settled = beside.settled(needed=ended.succeeded)
    if isinstance(settled, Ended):
        return settled if ended.succeeded or _killed_for_it(attempt, ended) else ended
    return replace(ended, lost=settled)


def _killed_for_it(attempt: Instance, ended: Ended) -> bool:
    """Whether a failed poststart task was the reason to kill the main; a bot that came later sees but the kill."""
    if ended.fate is Fate.CANCELLED:
        return not (attempt.unwanted and attempt.unwanted.is_set())
    return ended.fate is Fate.EXITED and ended.code == KILLED


def _own(attempt: Instance, unwanted: Cancel | None) -> Passing:
    make = partial(ready, attempt, attempt.group, Role.OWN)
    limit = attempt.group.max_duration
    return Passing(engine=attempt.engine, name=attempt.name, make=make, limit=limit, unwanted=unwanted)
