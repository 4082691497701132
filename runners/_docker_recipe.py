"""A group as the engine's own words for a container: limits, mounts, ports, health. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.group import Group, Probe, ProbeKind

_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID")
_LOG = {"Type": "json-file", "Config": {"max-size": "8m", "max-file": "2"}}
_PROCESSES = 512
_SECOND = 10**9
_NEVER_UNHEALTHY = 10_000

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """A volume at its path; `fresh` takes nothing over from the image."""

    volume: str
    path: str
    fresh: bool = False


def container(
    group: Group,
    *,
    network: str,
    labels: Mapping[str, str],
    mounts: Sequence[Mounted],
    aliases: Sequence[str],
    cpus: int,
) -> Body:
    """What to send to the engine to get this group's container."""
    ports = {group.health.port} if group.health and group.health.port else set()
    body: Body = {
        "Image": group.image,
        "Env": [f"{name}={value}" for name, value in group.variables.items()],
        "User": group.user or "",
        "Labels": dict(labels),
        "ExposedPorts": {f"{port}/tcp": {} for port in ports},
        "HostConfig": {
            **sandbox(network, cpu=min(group.cpu, cpus), memory=group.memory),
            "PortBindings": {f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}] for port in ports},
            "Mounts": [_mount(mounted) for mounted in mounts],
        },
        "NetworkingConfig": {"EndpointsConfig": {network: {"Aliases": list(aliases)}}},
    }
    if group.entrypoint is not None:
        body["Entrypoint"] = list(group.entrypoint)
    if group.args is not None:
        body["Cmd"] = list(group.args)
    if group.health is not None and group.health.kind is ProbeKind.EXEC:
        body["Healthcheck"] = _healthcheck(group.health)
    return body


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
    return {"Type": "volume", "Source": mounted.volume, "Target": mounted.path, "VolumeOptions": options}


def _healthcheck(probe: Probe) -> Body:
    return {
        "Test": ["CMD", *probe.command],
        "Interval": int(probe.every * _SECOND),
        "Timeout": int(probe.timeout * _SECOND),
        "StartPeriod": int(probe.after * _SECOND),
        "Retries": _NEVER_UNHEALTHY,
    }
