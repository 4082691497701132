"""The gate of a public service: owns its host port for good and hands each connection to the serving version."""

import io
import tarfile
import time
from collections.abc import Mapping
from threading import Event
from typing import Any

from bot.core.errors import Unavailable
from bot.core.group import Address, Group, Home
from bot.core.names import EnvironmentId, Name
from runners import _docker_names as names
from runners._docker_engine import Engine, said
from runners._docker_probe import listens
from runners._docker_recipe import sandbox

_BACKLOG = 128
_CONNECTING = 10
_OPENING = 2.0
_GLANCE = 0.02
_MEMORY = 64 * 2**20
_UNLIMITED = 0.0
_UNTIL_STOPPED = {"Name": "unless-stopped"}
_POINTER = "serving"
"""A link in the gate whose target is the container that serves: it is whole or not there, whenever it is read."""
_CALLABLE = 12
"""Digits of a container's id by which the engine's name service knows it."""


def ensured(engine: Engine, home: Home, group: Group, *, network: str, image: str, to: str) -> None:
    """Let the gate stand for this service's address, or for none, and lead to this container."""
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
        _fetch(engine, image)
        engine.create(wanted, name)
    engine.api.put_archive(name, "/", _pointer(to))
    if there is None or not there.running:
        engine.api.start(name)
        _awaited(address.published)


def holds(engine: Engine, environment: EnvironmentId, name: Name, port: int) -> bool:
    """Whether it is the service's own gate that listens at this host port."""
    there = engine.seen(names.gate(environment, name))
    return there is not None and port in there.ports.values()


def _fetch(engine: Engine, image: str) -> None:
    from docker.errors import ImageNotFound

    try:
        engine.api.inspect_image(image)  # type: ignore[no-untyped-call] # the stub has no types
    except ImageNotFound:
        _pull(engine, image)


def _pull(engine: Engine, image: str) -> None:
    from docker.errors import APIError

    name, _, tag = image.rpartition(":")
    try:
        engine.api.pull(name or image, tag=tag if name else "latest")
    except APIError as error:
        raise Unavailable(
            f"the image {image}, which holds the ports of public services, cannot be fetched: {said(error)}; "
            "fetch it by hand or set companion_image"
        ) from error


def _awaited(port: int) -> None:
    """Let a gate that has just started begin to listen; a service that does not listen looks the same from here."""
    pause, ends = Event(), time.monotonic() + _OPENING
    while not listens(port, timeout=_OPENING) and time.monotonic() < ends:
        pause.wait(_GLANCE)


def _pointer(container: str) -> bytes:
    link = tarfile.TarInfo(_POINTER)
    link.type, link.linkname = tarfile.SYMTYPE, container[:_CALLABLE]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(link)
    return packed.getvalue()


def _body(home: Home, name: Name, address: Address, *, network: str, image: str) -> Mapping[str, Any]:
    # Each `l` more is one more connection that may wait while the one before is handed on; with two, a page stalls.
    listen = ["nc", f"-{'l' * _BACKLOG}", "-p", str(address.port)]
    # By the service's name it would also meet a container whose place on the network is just being changed.
    forward = f'until to=$(readlink /{_POINTER}); do sleep 0.1; done; exec nc -w {_CONNECTING} "$to" {address.port}'
    port = f"{address.port}/tcp"
    host = {
        **sandbox(network, cpu=_UNLIMITED, memory=_MEMORY),
        "PortBindings": {port: [{"HostIp": "127.0.0.1", "HostPort": str(address.published)}]},
        "RestartPolicy": _UNTIL_STOPPED,
    }
    stands_for = f"{address.published}-{address.port}"
    return {
        "Image": image,
        "Entrypoint": [*listen, "-e", "sh", "-c", forward],
        "Labels": {**names.labels(home), names.SERVICE: name, names.GATE: stands_for},
        "ExposedPorts": {port: {}},
        "HostConfig": host,
    }
