"""The gate of a public service: owns its host port for good and hands each connection to the serving version."""

import time
from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

from bot.core.group import Address, Group, Home
from bot.core.names import EnvironmentId, Name
from runners._docker import archive, companion, names
from runners._docker.engine import Engine
from runners._docker.probe import listens
from runners._docker.recipe import sandbox

_BACKLOG = 128
_CONNECTING = 10
_OPENING = 2.0
_GLANCE = 0.02
_MEMORY = 64 * 2**20
_UNLIMITED = 0.0
_UNTIL_STOPPED = {"Name": "unless-stopped"}
_POINTER = "serving"
"""A link in the gate whose target names the containers that serve: it is whole or not there, whenever it is read."""
_CHOICE = (
    f"until to=$(readlink /{_POINTER}); do sleep 0.1; done; set -- $to; "
    "if [ $# -gt 1 ]; then read -r turn </turn; turn=$((turn + 1)); echo $turn >/turn; shift $((turn % $#)); fi"
)
_CALLABLE = 12
"""Digits of a container's id by which the engine's name service knows it."""


def ensured(engine: Engine, home: Home, group: Group, *, network: str, image: str, to: Sequence[str]) -> None:
    """Let the gate stand for this service's address, or for none, and lead to these containers in turn."""
    name = names.gate(home.environment, group.name)
    there = engine.seen(name)
    address = group.address
    if address is None or address.published is None:
        if there:
            engine.vanish(there.id)
        return
    wanted = _body(home, group.name, address, network=network, image=image)
    if there and there.labels.get(names.GATE) != wanted["Labels"][names.GATE]:
        engine.vanish(there.id)
        there = None
    if there is None:
        companion.fetched(engine, image)
        engine.create(wanted, name)
    engine.api.put_archive(name, "/", _pointer(to))
    if there is None or not there.running:
        engine.api.start(name)
        _awaited(address.published)


def holds(engine: Engine, environment: EnvironmentId, name: Name, port: int) -> bool:
    """Whether it is the service's own gate that listens at this host port."""
    there = engine.seen(names.gate(environment, name))
    return there is not None and port in there.ports.values()


def _awaited(port: int) -> None:
    """Let a gate that has just started begin to listen; a service that does not listen looks the same from here."""
    pause, ends = Event(), time.monotonic() + _OPENING
    while not listens(port, timeout=_OPENING) and time.monotonic() < ends:
        pause.wait(_GLANCE)


def _pointer(containers: Sequence[str]) -> bytes:
    return archive.packed(archive.link(_POINTER, " ".join(container[:_CALLABLE] for container in containers)))


def _body(home: Home, name: Name, address: Address, *, network: str, image: str) -> Mapping[str, Any]:
    # Each `l` more is one more connection that may wait while the one before is handed on; with two, a page stalls.
    listen = ["nc", f"-{'l' * _BACKLOG}", "-p", str(address.port)]
    # By the service's name it would also meet a container whose place on the network is just being changed.
    forward = f'{_CHOICE}; exec nc -w {_CONNECTING} "$1" {address.port}'
    port = f"{address.port}/tcp"
    host = {
        **sandbox(network, cpu=_UNLIMITED, memory=_MEMORY),
        "PortBindings": {port: [{"HostIp": "127.0.0.1", "HostPort": str(address.published)}]},
        "RestartPolicy": _UNTIL_STOPPED,
    }
    stands_for = f"{address.published}-{address.port}-in-turn"
    return {
        "Image": image,
        "Entrypoint": [*listen, "-e", "sh", "-c", forward],
        "Labels": {**names.labels(home), names.SERVICE: name, names.GATE: stands_for},
        "ExposedPorts": {port: {}},
        "HostConfig": host,
    }
