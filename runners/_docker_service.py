"""A service's life: a new version comes up beside the old one, takes its name over, and only then the old one goes."""

from dataclasses import dataclass
from typing import Any

from bot.core.group import Ended, Fate, Group, Home, Up
from bot.core.names import EnvironmentId, Name
from bot.core.wire import Cancel, Log
from runners import _docker_gate as gate
from runners import _docker_names as names
from runners import _docker_network as network
from runners import _docker_volumes as volumes
from runners._docker_candidate import GONE, Candidate, brought_up
from runners._docker_engine import Engine, Seen, allowed
from runners._docker_recipe import container as recipe
from runners._docker_records import Records

_FAREWELL = 10
"""Seconds that a container gets to end by itself."""
_FOR_EVER = "unless-stopped"
"""The restart policy of a container that has been up: on the engine itself, the mark of what serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """All that bringing a service up needs."""

    engine: Engine
    records: Records
    home: Home
    group: Group
    companion: str
    log: Log
    cancel: Cancel

    @property
    def name(self) -> str:
        """Its container's name in this version."""
        return names.service(self.home, self.group)


def start(rollout: Rollout) -> Up | Ended:
    """Bring this version up, unless it serves already; whatever served before is touched only after."""
    with rollout.records.held(rollout.home.environment, rollout.group.name):
        return _rolled_out(rollout)


def take_down(engine: Engine, environment: EnvironmentId, name: Name) -> None:
    """Remove the gate and every version of a service."""
    for seen in engine.listed(names.ours(environment, service=name)):
        if names.GATE in seen.labels:
            engine.vanish(seen.id)
    for seen in versions(engine, environment, name):
        engine.end(seen.id, patience=_FAREWELL)


def versions(engine: Engine, environment: EnvironmentId, name: Name) -> tuple[Seen, ...]:
    """The containers of a service, what serves first."""
    listed = engine.listed(names.ours(environment, service=name))
    containers = [seen for seen in listed if names.GATE not in seen.labels]
    return tuple(sorted(containers, key=lambda seen: not _serves(seen)))


def _serves(seen: Seen) -> bool:
    return seen.running and seen.policy == _FOR_EVER


def _rolled_out(rollout: Rollout) -> Up | Ended:
    engine, place = rollout.engine, network.ensured(rollout.engine, rollout.records, rollout.home)
    seen = engine.seen(rollout.name)
    if seen and _serves(seen):
        return _taken_over(rollout, seen, place) or Up(changed=False)
    container = seen.id if seen else allowed(lambda: _created(rollout, place))
    if isinstance(container, Ended):
        return container
    if rollout.group.volumes:
        _retire_others(rollout, place)
    ended = _brought_up(rollout, container, place)
    if ended and (seen is None or seen.policy != _FOR_EVER):
        engine.vanish(container)
    return ended or Up(changed=True)


def _brought_up(rollout: Rollout, container: str, place: str) -> Ended | None:
    engine, group = rollout.engine, rollout.group
    candidate = Candidate(engine=engine, container=container, group=group, log=rollout.log, cancel=rollout.cancel)
    if ended := brought_up(candidate):
        return ended
    seen = engine.seen(container)
    return _taken_over(rollout, seen, place) if seen else Ended(fate=Fate.EXITED, detail=GONE)


def _created(rollout: Rollout, place: str) -> str:
    engine, home, group = rollout.engine, rollout.home, rollout.group
    others = versions(engine, home.environment, group.name)
    body = recipe(
        group,
        network=place,
        labels=names.labels(home, group),
        mounts=volumes.ensured(engine, home, group),
        # Beside one that serves, it must not be found by the service's name before it is up.
        aliases=() if others and not group.volumes else (group.name,),
        cpus=engine.cpus,
    )
    return engine.create(body, rollout.name)


def _taken_over(rollout: Rollout, seen: Seen, place: str) -> Ended | None:
    """Let the container have the name and the gate, then let the others go; each part may be repeated."""
    engine, home, group = rollout.engine, rollout.home, rollout.group
    if not _called(seen, group.name):
        network.rename(engine, place, seen, (group.name,))
    gated = allowed(lambda: gate.ensured(engine, home, group, network=place, image=rollout.companion, to=seen.id))
    if gated:
        return gated
    if seen.policy != _FOR_EVER:
        policy: Any = {"Name": _FOR_EVER}
        engine.api.update_container(seen.id, restart_policy=policy)
    _retire_others(rollout, place)
    return None


def _retire_others(rollout: Rollout, place: str) -> None:
    engine, name = rollout.engine, rollout.group.name
    for other in versions(engine, rollout.home.environment, name):
        if other.name == rollout.name:
            continue
        if other.running and _called(other, name):
            network.rename(engine, place, other, ())
        engine.end(other.id, patience=_FAREWELL)


def _called(seen: Seen, name: Name) -> bool:
    return any(name in endpoint.aliases for endpoint in seen.networks.values())
