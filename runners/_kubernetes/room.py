"""What an environment's namespace is, and what is laid around every preview in it: limits and closed doors. Pure."""

import hashlib
import ipaddress
import json
from collections.abc import Iterable, Iterator, Sequence

from bot.core.group import Home
from bot.core.names import EnvironmentId
from runners._kubernetes import names
from runners._kubernetes.kinds import Body, Kind, manifest
from runners._kubernetes.terms import Terms

PRIVATE = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
    "fe80::/10",
)
"""Where clusters keep their pods, nodes, API and the cloud's metadata: called only where the operator names it."""
_NODE_LOCAL_DNS = "169.254.20.10/32"
_DEFAULT = {"cpu": "500m", "memory": "512Mi"}
_DEFAULT_REQUEST = {"cpu": "50m", "memory": "64Mi"}


def namespace(terms: Terms, home: Home) -> Body:
    """The namespace, on the terms of PodSecurity."""
    security = {f"pod-security.kubernetes.io/{mode}": terms.security for mode in ("enforce", "warn", "audit")}
    called = names.namespace(terms.prefix, home.environment)
    body = manifest(Kind.NAMESPACE, called, {**names.ours(home.environment), **security})
    body["metadata"]["annotations"] = {names.GENERATION: "0"}
    return body


def furniture(terms: Terms, environment: EnvironmentId, *, servers: Sequence[str]) -> tuple[Body, ...]:
    """All that is to be in a namespace before anything runs in it; `servers`: addresses of the cluster's API."""
    labels, called = names.ours(environment), names.namespace(terms.prefix, environment)
    fetching = {"imagePullSecrets": [{"name": names.PULLING}]} if terms.pulling else {}
    account = manifest(Kind.ACCOUNT, names.ACCOUNT, labels, automountServiceAccountToken=False, **fetching)
    quota = manifest(Kind.QUOTA, "preview", labels, spec={"hard": {**terms.quota, **_NOTHING_OUTSIDE}})
    limits = {"type": "Container", "default": _DEFAULT, "defaultRequest": _DEFAULT_REQUEST}
    ranges = manifest(Kind.LIMITS, "preview", labels, spec={"limits": [limits]})
    policy = manifest(Kind.POLICY, "preview", labels, spec=_doors(terms, servers))
    bodies = (account, quota, ranges, policy)
    for body in bodies:
        body["metadata"]["namespace"] = called
    return bodies


def fingerprint(bodies: Iterable[Body]) -> str:
    """Of all this furniture."""
    return hashlib.sha256(json.dumps(list(bodies), sort_keys=True).encode()).hexdigest()[:16]


_NOTHING_OUTSIDE = {"services.loadbalancers": "0", "services.nodeports": "0"}


def _doors(terms: Terms, servers: Sequence[str]) -> Body:
    """Who may call whom: nobody but the environment itself, its entrances, and the world outside the cluster."""
    inside: Body = {"podSelector": {}}
    entrances = [{"namespaceSelector": _namespace_called(name)} for name in terms.entrances]
    asking = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    answering = [
        {"namespaceSelector": _namespace_called("kube-system")},
        {"ipBlock": {"cidr": _NODE_LOCAL_DNS}},
    ]
    world = [{"ipBlock": block} for block in _blocks(terms.egress, servers)]
    return {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [inside, *entrances]}],
        "egress": [{"to": [inside]}, {"to": answering, "ports": asking}, *([{"to": world}] if world else [])],
    }


def _namespace_called(name: str) -> Body:
    return {"matchLabels": {"kubernetes.io/metadata.name": name}}


def _blocks(egress: Iterable[str], servers: Iterable[str]) -> Iterator[Body]:
    closed = [ipaddress.ip_network(each) for each in (*PRIVATE, *servers)]
    for cidr in egress:
        block = ipaddress.ip_network(cidr)
        apart = [
            str(each)
            for each in closed
            if each.version == block.version and each != block and each.subnet_of(block)  # type: ignore[arg-type] # of one version
        ]
        yield {"cidr": cidr, **({"except": apart} if apart else {})}
