"""A container of a group in the engine's own words: limits, mounts, ports, health. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.group import Container, Group, Probe, ProbeKind

_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID")
_LOG = {"Type": "json-file", "Config": {"max-size": "8m", "max-file": "2"}}
_PROCESSES = 512
_SECOND = 10**9
_NEVER_UNHEALTHY = 10_000
FOR_EVER = "unless-stopped"
"""The restart policy of what is to go on for ever."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """A volume at its path; `fresh` takes nothing over from the image."""

    volume: str
    path: str
    fresh: bool = False
    fixed: bool = False
    """Read-only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """How a container is reached: at its own place on a network, or at that of the holder that it joins."""

    network: str
    aliases: Sequence[str] = ()
    ports: frozenset[int] = frozenset()
    """Published at the loopback of the engine's host."""


def joining(holder: str) -> Joint:
    """The network of this container, with all that belongs to it."""
    return Joint(network=f"container:{holder}")


def asked(group: Group) -> frozenset[int]:
    """The ports at which somebody outside asks a group."""
    probes = [each.health for each in (group, *group.tasks)]
    return frozenset({*(probe.port for probe in probes if probe), group.port or 0} - {0})


def container(
    one: Container, joint: Joint, *, labels: Mapping[str, str], mounts: Sequence[Mounted], cpus: int, policy: str = ""
) -> Body:
    """What to send to the engine to get this container."""
    body: Body = {
        "Image": one.image,
        "Env": [f"{name}={value}" for name, value in one.variables.items()],
        "User": one.user or "",
        "Labels": dict(labels),
        **placed(joint, cpu=min(one.cpu, cpus), memory=one.memory),
    }
    body["HostConfig"]["Mounts"] = [_mount(mounted) for mounted in mounts]
    body["HostConfig"]["RestartPolicy"] = {"Name": policy}
    if one.entrypoint is not None:
        body["Entrypoint"] = list(one.entrypoint)
    if one.args is not None:
        body["Cmd"] = list(one.args)
    if one.health is not None and one.health.kind is ProbeKind.EXEC:
        body["Healthcheck"] = _healthcheck(one.health)
    return body


def placed(joint: Joint, *, cpu: float, memory: int) -> Body:
    """The part about limits and the network."""
    host = sandbox(joint.network, cpu=cpu, memory=memory)
    if joint.network.startswith("container:"):
        return {"HostConfig": host}
    host["PortBindings"] = {f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}] for port in joint.ports}
    return {
        "ExposedPorts": {f"{port}/tcp": {} for port in joint.ports},
        "HostConfig": host,
        "NetworkingConfig": {"EndpointsConfig": {joint.network: {"Aliases": list(joint.aliases)}}},
    }


def sandbox(network: str, *, cpu: float, memory: int) -> Body:
    """The limits that everything of ours runs in."""
    return {
        "NetworkMode": network,
        "Init": True,
        "NanoCpus": int(cpu * _SECOND),
        "Memory": memory,
        "MemorySwap": memory,
        "PidsLimit": _PROCESSES,
        "CapDrop": ["ALL"],
        "CapAdd": list(_CAPABILITIES),
        "SecurityOpt": ["no-new-privileges"],
        "LogConfig": _LOG,
    }


def _mount(mounted: Mounted) -> Body:
    options = {"NoCopy": mounted.fresh}
    where = {"Source": mounted.volume, "Target": mounted.path, "ReadOnly": mounted.fixed}
    return {"Type": "volume", "VolumeOptions": options, **where}


def _healthcheck(probe: Probe) -> Body:
    return {
        "Test": ["CMD", *probe.command],
        "Interval": int(probe.every * _SECOND),
        "Timeout": int(probe.timeout * _SECOND),
        "StartPeriod": int(probe.after * _SECOND),
        "Retries": _NEVER_UNHEALTHY,
    }
