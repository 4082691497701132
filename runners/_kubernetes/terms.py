"""On what terms an operator lets previews run in the cluster: settings, parsed once. Pure."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from bot.core.errors import Misused
from bot.core.names import registry_of
from bot.keeping.credentials import Credentials, credentials

QUOTA = "limits.cpu=32,limits.memory=64Gi,pods=100,persistentvolumeclaims=20,requests.storage=200Gi"
REQUESTS = "cpu=0.1,memory=1"
PUSH, PULL = "registry_credentials_file", "registry_pull_credentials_file"
RESTRICTED = "restricted"
_LEVELS = ("baseline", RESTRICTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The operator's choices about what is made in the cluster."""

    prefix: str = "matinee-"
    """How the name of every namespace of ours begins."""
    security: str = "baseline"
    """The level of PodSecurity that is enforced."""
    cpu: float = 0.1
    memory: float = 1.0
    """The share of its limit that a container asks for."""
    quota: Mapping[str, str] = field(default_factory=dict)
    """What an environment may have at most, in the words of a ResourceQuota."""
    egress: tuple[str, ...] = ("0.0.0.0/0", "::/0")
    """Networks that previews may call."""
    fork_egress: tuple[str, ...] = ()
    """The same of pulls from forks."""
    fork: bool = False
    """Whether these are the terms for pulls from forks."""
    entrances: tuple[str, ...] = ()
    """Namespaces whose pods may call previews: where the ingress controller runs."""
    domain: str = ""
    """Under which public services get their hosts; empty: they get none."""
    tls: str = ""
    """What serves hosts by TLS: empty: nothing; `default`: the controller's own certificate; else this Secret."""
    ingress_class: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """Of every Ingress."""
    pulling: Credentials | None = None
    """What images are fetched with; None: whatever the nodes know by themselves."""
    fork_pulling: Credentials | None = None
    """The same for pulls from forks, which see nothing of the others'."""
    pending: float = 120.0
    """Seconds in which the cluster may find, or make, a node for a pod, and try again to fetch its images."""
    gateway: str = ""
    """`<namespace>/<name>` of a Gateway: public services get an HTTPRoute to it, and no Ingress."""

    @property
    def restricted(self) -> bool:
        """Whether pods have to be of PodSecurity's stricter kind."""
        return self.security == RESTRICTED

    def for_forks(self) -> Self:
        """The terms for what strangers wrote."""
        return replace(self, fork=True, security=RESTRICTED, egress=self.fork_egress, pulling=self.fork_pulling)


def terms(settings: Mapping[str, str]) -> Terms:
    """What the settings say, with our defaults for the rest."""
    requests = {**_pairs(REQUESTS, "kubernetes_requests"), **_given(settings, "kubernetes_requests")}
    return Terms(
        prefix=settings.get("namespace_prefix", "matinee-"),
        security=_security(settings.get("pod_security", "baseline")),
        cpu=_share(requests, "cpu"),
        memory=_share(requests, "memory"),
        quota={**_pairs(QUOTA, "kubernetes_quota"), **_given(settings, "kubernetes_quota")},
        egress=_networks(settings.get("egress", "0.0.0.0/0,::/0"), "egress"),
        fork_egress=_networks(settings.get("fork_egress", ""), "fork_egress"),
        entrances=_words(settings.get("ingress_namespaces", "ingress-nginx")),
        domain=settings.get("domain", ""),
        tls=settings.get("ingress_tls", ""),
        ingress_class=settings.get("ingress_class", ""),
        annotations=_given(settings, "ingress_annotations"),
        pulling=_pulling(settings, ""),
        fork_pulling=_pulling(settings, "fork_"),
        pending=_seconds(settings.get("kubernetes_pending", "120"), "kubernetes_pending"),
        gateway=settings.get("gateway", ""),
    )


def _pulling(settings: Mapping[str, str], whose: str) -> Credentials | None:
    """Those that are there to pull with; else, of those to push with, what the registry itself asks for."""
    registry, pushes = settings.get(f"{whose}registry"), f"{whose}{PUSH}"
    pushing = credentials(settings, pushes, host=registry_of(f"{registry}/")) if registry else None
    return credentials(settings, f"{whose}{PULL}") or pushing


def _given(settings: Mapping[str, str], name: str) -> Mapping[str, str]:
    return _pairs(settings.get(name, ""), name)


def _pairs(text: str, name: str) -> Mapping[str, str]:
    pairs = [word.partition("=") for word in _words(text)]
    if wrong := next((key for key, equals, _ in pairs if not equals), None):
        raise Misused(f"MATINEE_{name.upper()}: {wrong!r} has no value; write NAME=VALUE, several with commas between")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _networks(text: str, name: str) -> tuple[str, ...]:
    for word in _words(text):
        try:
            ipaddress.ip_network(word)
        except ValueError:
            raise Misused(f"MATINEE_{name.upper()}: {word!r} is no network; write it as 10.20.0.0/16") from None
    return _words(text)


def _share(requests: Mapping[str, str], of: str) -> float:
    try:
        share = float(requests[of])
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise Misused(f"MATINEE_KUBERNETES_REQUESTS: {of}={requests[of]} is no share; write one from 0 to 1, as 0.1")
    return share


def _seconds(text: str, name: str) -> float:
    if not text.isdecimal() or int(text) < 1:
        raise Misused(f"MATINEE_{name.upper()}: {text!r} is no whole number of seconds above 0")
    return float(text)


def _security(level: str) -> str:
    if level not in _LEVELS:
        raise Misused(f"MATINEE_POD_SECURITY: {level!r} is none of {', '.join(_LEVELS)}")
    return level
