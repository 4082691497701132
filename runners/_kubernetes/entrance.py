"""How a service is reached, in the cluster's own words: by its name inside, and by a host from the world. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.core.group import Address, Ended, Fate, Group, Home
from runners._kubernetes import addresses, names
from runners._kubernetes.deployment import mains
from runners._kubernetes.kinds import Body, Kind, manifest
from runners._kubernetes.names import Role
from runners._kubernetes.terms import Terms

_GIVEN = re.compile(r"(?:.*\.)?(?:[a-z0-9-]+-[a-z][a-z0-9]*-[0-9a-z]{1,32}-[0-9]{1,10}|[a-z0-9-]{30,54}-[0-9a-f]{8})")
"""What may be a host that an environment was given, or one below it."""


def service(home: Home, group: Group) -> Body:
    """The name, which leads to the pods of this version; at the ports that the group tells of."""
    chosen = {
        names.ENVIRONMENT: home.environment,
        names.SERVICE: group.name,
        names.VERSION: names.version(group),
        names.ROLE: Role.REPLICA,
    }
    ports = [{"name": f"port-{port}", "port": port, "targetPort": port, "protocol": "TCP"} for port in _ports(group)]
    # Without a port the name alone is known, and leads to each pod.
    spec = {"selector": chosen, **({"ports": ports} if ports else {"clusterIP": "None"})}
    return manifest(Kind.SERVICE, group.name, _labels(home, group), spec=spec)


def outside(address: Address | None) -> str:
    """The host by which the world reaches it; empty where it does not."""
    host = urlsplit(address.url).hostname if address and address.port else None
    return host if address and host and host != address.host else ""


def door(home: Home, group: Group, terms: Terms) -> Body | None:
    """What lets the world in; None where nobody is to come."""
    host = outside(group.address)
    if not host or group.address is None or group.address.port is None:
        return None
    return (_route if terms.gateway else _ingress)(home, group, terms, host)


def unfit(home: Home, group: Group, terms: Terms) -> Ended | None:
    """Why the world may not come by this host: it is, or may be, somebody else's."""
    host, label = outside(group.address), addresses.label(home, group.name)
    under = host.removesuffix(f".{terms.domain}") if terms.domain else host
    why = ""
    if under not in (host, label) and _GIVEN.fullmatch(under):
        why = f"such hosts are given to environments under {terms.domain}; choose another, or leave it out"
    elif host and terms.fork and host.partition(".")[0] != label:
        why = "a pull from a fork has the hosts that it is given; leave it out"
    return Ended(fate=Fate.NOT_STARTED, detail=f"domain {host}: {why}") if why else None


def doors(terms: Terms) -> tuple[Kind, ...]:
    """The kinds of them that there may be."""
    return (Kind.INGRESS, Kind.ROUTE) if terms.gateway else (Kind.INGRESS,)


def _ports(group: Group) -> list[int]:
    named = {group.address.port} if group.address and group.address.port else set()
    return sorted(named | set(_asked(group)))


def _asked(group: Group) -> Iterator[int]:
    for one in (*mains(group), *(task for task in group.tasks if task.sidecar)):
        if one.health is not None and one.health.port:
            yield one.health.port


def _labels(home: Home, group: Group) -> dict[str, str]:
    """Of no version: it outlives them."""
    return {**names.ours(home.environment), **names.of_group(group)}


def _ingress(home: Home, group: Group, terms: Terms, host: str) -> Body:
    port = group.address.port if group.address else None
    backend = {"service": {"name": group.name, "port": {"number": port}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    spec: Body = {"rules": [{"host": host, "http": {"paths": [path]}}]}
    if terms.ingress_class:
        spec["ingressClassName"] = terms.ingress_class
    if terms.tls:
        secret = {} if terms.tls == "default" else {"secretName": terms.tls}
        spec["tls"] = [{"hosts": [host], **secret}]
    body = manifest(Kind.INGRESS, group.name, _labels(home, group), spec=spec)
    body["metadata"]["annotations"] = dict(terms.annotations)
    return body


def _route(home: Home, group: Group, terms: Terms, host: str) -> Body:
    namespace, _, gateway = terms.gateway.rpartition("/")
    port = group.address.port if group.address else None
    spec = {
        "parentRefs": [{"name": gateway, **({"namespace": namespace} if namespace else {})}],
        "hostnames": [host],
        "rules": [{"backendRefs": [{"name": group.name, "port": port}]}],
    }
    return manifest(Kind.ROUTE, group.name, _labels(home, group), spec=spec)
