"""Everything that carries an environment's label, taken away."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from bot.core.group import Ended, Result
from bot.core.names import EnvironmentId, Name
from bot.core.wire import Log
from runners._docker import names, versions
from runners._docker.engine import Engine

_HANDS = 4
_PATIENCE = 10.0
_PAUSE = 0.1


def discard(engine: Engine, environment: EnvironmentId, job: Name, log: Log) -> tuple[Ended, ...]:
    """Remove what the attempts of a job left; those of their poststop tasks that failed."""
    return versions.gone(engine, environment, versions.groups(engine, environment, job=job), Result.STOPPED, log)


def remove(engine: Engine, environment: EnvironmentId, log: Log) -> tuple[str, ...]:
    """Do what is owed, then remove containers, then networks and volumes; the names of what is left."""
    _pay(engine, environment, log)
    filters = {"label": names.ours(environment)}
    containers = [str(each["Id"]) for each in engine.api.containers(all=True, filters=filters)]
    with ThreadPoolExecutor(_HANDS) as hands:
        list(hands.map(engine.vanish, containers))
    networks = [str(each["Id"]) for each in engine.api.networks(filters=filters)]
    volumes = [str(each["Name"]) for each in engine.api.volumes(filters=filters)["Volumes"] or ()]
    ends = time.monotonic() + _PATIENCE
    for network in networks:
        _insist(lambda network=network: engine.api.remove_network(network), ends)  # type: ignore[misc] # a bound default
    for volume in volumes:
        _insist(lambda volume=volume: engine.api.remove_volume(volume, force=True), ends)  # type: ignore[misc] # likewise
    return tuple(_left(engine, environment))


def environments(engine: Engine) -> frozenset[EnvironmentId]:
    """Every environment that has anything on the engine."""
    filters = {"label": [names.MANAGED, names.ENVIRONMENT]}
    found = [
        *engine.api.containers(all=True, filters=filters),
        *engine.api.networks(filters=filters),
        *(engine.api.volumes(filters=filters)["Volumes"] or ()),
    ]
    return frozenset(EnvironmentId(each["Labels"][names.ENVIRONMENT]) for each in found)


def _pay(engine: Engine, environment: EnvironmentId, log: Log) -> None:
    indebted = names.ours(environment, role=names.Role.OWED)
    found = engine.api.containers(all=True, filters={"label": indebted})
    for group in {str(each["Labels"][names.GROUP]) for each in found}:
        casts = versions.groups(engine, environment, group=group)
        for ended in versions.gone(engine, environment, casts, Result.STOPPED, log):
            log(f"{ended.task} | failed at the end of its group: {ended.detail or f'exit code {ended.code}'}")


def _insist(act: Callable[[], object], ends: float) -> None:
    """Try again while the engine still lets go of what used it."""
    from docker.errors import APIError

    while True:
        try:
            act()
        except APIError as error:
            if error.status_code == 404 or time.monotonic() > ends:
                return
            time.sleep(_PAUSE)
        else:
            return


def _left(engine: Engine, environment: EnvironmentId) -> Iterator[str]:
    filters = {"label": names.ours(environment)}
    for container in engine.api.containers(all=True, filters=filters):
        yield f"container {container['Names'][0].removeprefix('/')}"
    for network in engine.api.networks(filters=filters):
        yield f"network {network['Name']}"
    for volume in engine.api.volumes(filters=filters)["Volumes"] or ():
        yield f"volume {volume['Name']}"
