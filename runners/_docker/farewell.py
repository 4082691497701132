"""How a group goes: its mains end, then its sidecars, then what is owed is done, then nothing is left of it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.core.group import Ended, Ending
from bot.core.names import EnvironmentId
from runners._docker import end, holder, names, volumes
from runners._docker.engine import Engine, Seen
from runners._docker.names import Role
from runners._docker.poststop import Farewell, owed, past, performed

_PATIENCE = 10
"""Seconds that a container gets to end by itself."""
_MAINS = (Role.OWN, Role.MAIN, Role.PASSING)


def taken(farewell: Farewell, environment: EnvironmentId, group: str) -> tuple[Ended, ...]:
    """End a group and remove it; those of its poststop tasks that failed. A group that is gone is fine."""
    cast = of(farewell.engine, environment, group)
    failures: tuple[Ended, ...] = ()
    if began := _holder(cast):
        known = end.kept(_one(cast, Role.END))
        ending = known if isinstance(known, Ending) else farewell.ending
        end.keep(farewell.engine, began, ending)
        failures = ended(replace(farewell, ending=ending), cast)
    else:
        quiet(farewell.engine, cast)
    cleared(farewell.engine, environment, group)
    return failures


def ended(farewell: Farewell, cast: Sequence[Seen]) -> tuple[Ended, ...]:
    """Let the containers of a group end and do what it owes; those of its poststop tasks that failed."""
    quiet(farewell.engine, cast)
    began, debts = _holder(cast), owed(cast)
    if began is None or not debts:
        return past(cast)
    alive = began if began.running else holder.started(farewell.engine, began.id)
    if isinstance(alive, Ended):
        return tuple(replace(alive, task=each.labels[names.TASK]) for each in debts)
    return performed(farewell, debts)


def quiet(engine: Engine, cast: Sequence[Seen]) -> None:
    """Let the mains end, then the sidecars; the holder lives on."""
    _stop(engine, [seen for seen in cast if seen.lives and role(seen) in _MAINS])
    _stop(engine, [seen for seen in cast if seen.lives and role(seen) is Role.SIDECAR])


def spent(engine: Engine, cast: Sequence[Seen]) -> None:
    """Remove what an attempt that is over needs no more; what tells how it ended stays, and so it is not run again."""
    # What is owed goes before its holder: without one it would never be owed again.
    for gone in (Role.OWED, Role.SIDECAR, Role.HOLDER):
        _each(engine.vanish, [seen.id for seen in cast if role(seen) is gone])


def cleared(engine: Engine, environment: EnvironmentId, group: str) -> None:
    """Remove every container and volume of a group; what says how it ended goes last."""
    cast = of(engine, environment, group)
    spent(engine, cast)
    last = _one(cast, Role.END)
    rest = [seen.id for seen in cast if role(seen) not in (Role.OWED, Role.SIDECAR, Role.HOLDER, Role.END)]
    _each(engine.vanish, rest)
    volumes.gone(engine, environment, group)
    if last:
        engine.vanish(last.id)


def of(engine: Engine, environment: EnvironmentId, group: str) -> tuple[Seen, ...]:
    """Every container of a group."""
    return engine.listed(names.ours(environment, group=group))


def role(seen: Seen) -> Role:
    """What a container is in its group."""
    return Role(seen.labels.get(names.ROLE, Role.OWN))


def _holder(cast: Sequence[Seen]) -> Seen | None:
    """The holder of a group that began."""
    there = _one(cast, Role.HOLDER)
    return there if there and there.began else None


def _one(cast: Sequence[Seen], wanted: Role) -> Seen | None:
    return next((seen for seen in cast if role(seen) is wanted), None)


def _stop(engine: Engine, living: Sequence[Seen]) -> None:
    _each(lambda container: engine.stop(container, patience=_PATIENCE), [seen.id for seen in living])


def _each(act: Callable[[str], None], containers: Sequence[str]) -> None:
    if len(containers) < 2:
        for container in containers:
            act(container)
        return
    with ThreadPoolExecutor(min(len(containers), 4)) as hands:
        list(hands.map(act, containers))
