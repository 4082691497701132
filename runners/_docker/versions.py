"""The groups of a service that are on the engine: which serve, in which version, and their going."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from bot.core.group import Ended, Ending, Result
from bot.core.names import EnvironmentId
from bot.core.wire import Log
from runners._docker import end, farewell, names
from runners._docker.engine import Engine, Seen
from runners._docker.farewell import role
from runners._docker.names import Role
from runners._docker.poststop import Farewell
from runners._docker.recipe import FOR_EVER

_HANDS = 8

Casts = Mapping[str, Sequence[Seen]]
"""The containers of each group, by the group's name."""


def groups(engine: Engine, environment: EnvironmentId, **of: str) -> Casts:
    """The groups of a service or job, or of all."""
    found: dict[str, list[Seen]] = {}
    for seen in engine.listed(names.ours(environment, **of)):
        if names.GATE not in seen.labels:
            found.setdefault(seen.labels.get(names.GROUP, seen.name), []).append(seen)
    return found


def marked(cast: Sequence[Seen]) -> bool:
    """Whether it has been up; the restart policy of its own container is the mark, on the engine itself."""
    return any(role(seen) is Role.OWN and seen.policy == FOR_EVER for seen in cast)


def serves(cast: Sequence[Seen]) -> bool:
    """Whether it has been up and all of it runs, on the network that there is."""
    if not marked(cast) or any(role(seen) is Role.END for seen in cast):
        return False
    holder = next((seen for seen in cast if role(seen) is Role.HOLDER), None)
    living = [seen for seen in cast if role(seen) in (Role.OWN, Role.MAIN, Role.HOLDER)]
    lasting = [seen for seen in cast if role(seen) is Role.SIDECAR]
    joined = holder is None or all(seen.joins(holder) for seen in (*living, *lasting))
    return joined and all(seen.running for seen in living) and all(seen.lives for seen in lasting)


def owner(cast: Sequence[Seen]) -> Seen | None:
    """The container that owns the group's place on the network."""
    by_role = {role(seen): seen for seen in cast}
    return by_role.get(Role.HOLDER) or by_role.get(Role.OWN)


def gone(engine: Engine, environment: EnvironmentId, casts: Casts, result: Result, log: Log) -> tuple[Ended, ...]:
    """End these groups, each told so unless its own end is known; those of their poststop tasks that failed."""

    def one(group: str) -> tuple[Ended, ...]:
        farewelled = Farewell(engine=engine, ending=_ending(casts[group], result), log=log)
        return farewell.taken(farewelled, environment, group)

    if len(casts) == 1:
        return one(next(iter(casts)))
    with ThreadPoolExecutor(_HANDS) as hands:
        return tuple(ended for failed in hands.map(one, casts) for ended in failed)


def _ending(cast: Sequence[Seen], result: Result) -> Ending:
    if names.JOB in cast[0].labels:
        return end.outlived(cast)
    return Ending(result=result if marked(cast) or result is not Result.REPLACED else Result.CANCELLED)
