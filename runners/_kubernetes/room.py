"""What an environment's namespace is, and what is laid around every preview in it: limits and closed doors. Pure."""

import hashlib
import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core.group import Home
from runners._kubernetes import names
from runners._kubernetes.kinds import Body, Kind, labels_of, manifest, notes_of
from runners._kubernetes.terms import RESTRICTED, Terms

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
_SECURITY = "pod-security.kubernetes.io"
_NODE_LOCAL_DNS = "169.254.20.10/32"
_DEFAULT = {"cpu": "500m", "memory": "512Mi"}
_DEFAULT_REQUEST = {"cpu": "50m", "memory": "64Mi"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """All that is to be so before anything runs in a namespace."""

    labels: Mapping[str, str]
    """What the namespace says of its terms: to PodSecurity, and of its trust."""
    bodies: tuple[Body, ...]

    @property
    def mark(self) -> str:
        """The fingerprint of all of it."""
        return hashlib.sha256(json.dumps([self.labels, *self.bodies], sort_keys=True).encode()).hexdigest()[:16]


def namespace(terms: Terms, home: Home) -> Body:
    """The namespace, on these terms."""
    called = names.namespace(terms.prefix, home.environment)
    body = manifest(Kind.NAMESPACE, called, {**names.ours(home.environment), **_labels(terms)})
    body["metadata"]["annotations"] = {names.GENERATION: "0"}
    return body


def of_fork(namespace: Body) -> bool:
    """Whether strangers have written what runs in it; once said, it is so until the namespace is gone."""
    return labels_of(namespace).get(names.TRUST) == names.FORKS


def terms(given: Terms, home: Home, namespace: Body | None) -> Terms:
    """The terms that an environment is to be on, of those that the operator gives."""
    return given.for_forks() if home.fork or (namespace is not None and of_fork(namespace)) else given


def enforced(given: Terms, home: Home, namespace: Body) -> Terms:
    """The terms that its pods have to keep now: where the namespace is stricter than its terms, it is what counts."""
    wanted, level = terms(given, home, namespace), labels_of(namespace).get(f"{_SECURITY}/enforce")
    return replace(wanted, security=RESTRICTED) if level == RESTRICTED else wanted


def due(namespace: Body, home: Home, wanted: Room) -> bool:
    """Whether this generation is to furnish it so.

    Each does that once at most, or bots on different terms would do it by turns for ever. A fork's terms do not wait.
    """
    notes = notes_of(namespace)
    if notes.get(names.ROOM) == wanted.mark:
        return False
    done = names.ROOM in notes and int(notes.get(names.ROOM_BY, "-1")) >= home.generation
    return not done or (names.TRUST in wanted.labels and not of_fork(namespace))


def room(terms: Terms, home: Home, *, servers: Sequence[str]) -> Room:
    """What these terms come to; `servers`: addresses of the cluster's API."""
    labels, called = names.ours(home.environment), names.namespace(terms.prefix, home.environment)
    fetching = {"imagePullSecrets": [{"name": names.PULLING}]} if terms.pulling else {}
    account = manifest(Kind.ACCOUNT, names.ACCOUNT, labels, automountServiceAccountToken=False, **fetching)
    quota = manifest(Kind.QUOTA, "preview", labels, spec={"hard": {**terms.quota, **_NOTHING_OUTSIDE}})
    limits = {"type": "Container", "default": _DEFAULT, "defaultRequest": _DEFAULT_REQUEST}
    ranges = manifest(Kind.LIMITS, "preview", labels, spec={"limits": [limits]})
    policy = manifest(Kind.POLICY, "preview", labels, spec=_doors(terms, servers))
    bodies = (account, quota, ranges, policy)
    for body in bodies:
        body["metadata"]["namespace"] = called
    return Room(labels=_labels(terms), bodies=bodies)


def _labels(terms: Terms) -> Mapping[str, str]:
    security = {f"{_SECURITY}/{mode}": terms.security for mode in ("enforce", "warn", "audit")}
    return {**security, **({names.TRUST: names.FORKS} if terms.fork else {})}


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
