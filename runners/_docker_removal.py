"""Everything that carries an environment's label, taken away."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from bot.core.names import EnvironmentId
from runners import _docker_names as names
from runners._docker_engine import Engine

_HANDS = 4
_PATIENCE = 10.0
_PAUSE = 0.1


def remove(engine: Engine, environment: EnvironmentId) -> tuple[str, ...]:
    """Remove containers, then networks and volumes; the names of what is left."""
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
