"""Manifests that reach out of a preview, as somebody with the bot's rights could write them by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.world.cluster import BUSYBOX

Body = dict[str, Any]


class Guard(StrEnum):
    """What refuses a manifest in a preview's namespace."""

    BASELINE = "PodSecurity baseline"
    RESTRICTED = "PodSecurity restricted"
    """Not where `baseline` is enforced."""
    QUOTA = "ResourceQuota"
    POLICY = "our admission policies"
    """Of `deploy/kubernetes`, and only where the bot's account is who applies it."""
    NONE = "nothing"
    """Nothing but that our specs have no words for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """One manifest, for a namespace that is yet to be named."""

    guard: Guard
    body: Body

    def within(self, namespace: str) -> Body:
        """The manifest, for this namespace."""
        return {**self.body, "metadata": {**self.body["metadata"], "namespace": namespace}}


CONTAINER: Body = {
    "name": "main",
    "image": BUSYBOX,
    "resources": {"limits": {"cpu": "10m", "memory": "8Mi"}},
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
SAFE: Body = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}


def pod(**spec: Any) -> Body:
    """A pod that may nothing, but for this."""
    whole = {"serviceAccountName": "preview", "automountServiceAccountToken": False, "securityContext": SAFE}
    return _object("v1", "Pod", spec={**whole, "containers": [CONTAINER], **spec})


def contained(*, security: Body | None = None, **keys: Any) -> Body:
    """The same of its container."""
    context = {**CONTAINER["securityContext"], **(security or {})}
    return pod(containers=[{**CONTAINER, **keys, "securityContext": context}])


def _object(version: str, kind: str, **rest: Any) -> Body:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "escape"}, **rest}


def _service(**spec: Any) -> Body:
    return _object("v1", "Service", spec={"ports": [{"port": 80}], **spec})


def _mounting(**source: Any) -> Body:
    return pod(volumes=[{"name": "escape", **source}])


def _asking(**probe: Any) -> Body:
    return contained(readinessProbe={"httpGet": {"port": 443, **probe}})


def _template(**spec: Any) -> Body:
    return {
        "metadata": {"labels": {"app": "escape"}},
        "spec": {"restartPolicy": "Never", **pod(**spec)["spec"]},
    }


def _deployed(**spec: Any) -> Body:
    template = _template(**spec, restartPolicy="Always")
    return _object("apps/v1", "Deployment", spec={"selector": {"matchLabels": {"app": "escape"}}, "template": template})


_TOKEN = {"sources": [{"serviceAccountToken": {"path": "token"}}]}
_CLAIM: Body = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Ti"}}}
_BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
_RULE = {
    "host": "web-github-1-8.preview.example.com",
    "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": _BACKEND}]},
}
_GUARDED: Mapping[Guard, Mapping[str, Body]] = {
    Guard.BASELINE: {
        "the host's network": pod(hostNetwork=True),
        "the host's processes": pod(hostPID=True),
        "the host's memory": pod(hostIPC=True),
        "a port of the host": contained(ports=[{"containerPort": 80, "hostPort": 80}]),
        "a folder of the host": _mounting(hostPath={"path": "/"}),
        "privileges": contained(security={"privileged": True, "allowPrivilegeEscalation": True}),
        "a capability": contained(security={"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}),
        "every system call": contained(security={"seccompProfile": {"type": "Unconfined"}}),
        "no AppArmor": contained(security={"appArmorProfile": {"type": "Unconfined"}}),
        "a role in SELinux": contained(security={"seLinuxOptions": {"role": "sysadm_r"}}),
        "a setting of the kernel": pod(
            securityContext={**SAFE, "sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
        ),
        "a probe of another host": _asking(host="10.96.0.1"),
    },
    Guard.RESTRICTED: {
        "root": contained(security={"runAsUser": 0, "runAsNonRoot": False}),
        "more rights than it began with": contained(security={"allowPrivilegeEscalation": True}),
        "the usual capabilities": contained(security={"capabilities": {}}),
        "no profile of system calls": pod(securityContext={"runAsNonRoot": True, "runAsUser": 1000}),
        "a file server": _mounting(nfs={"server": "10.0.0.1", "path": "/"}),
    },
    Guard.QUOTA: {
        "more processors than there are for one": contained(resources={"limits": {"cpu": "100", "memory": "8Mi"}}),
        "more memory than there is for one": contained(resources={"limits": {"cpu": "1", "memory": "1Ti"}}),
        "more storage than there is for one": _object("v1", "PersistentVolumeClaim", spec=_CLAIM),
        "a load balancer": _service(type="LoadBalancer"),
        "a port of every node": _service(type="NodePort"),
    },
    Guard.POLICY: {
        "another service account": pod(serviceAccountName="default"),
        "a token of the API": pod(automountServiceAccountToken=True),
        "the same as a volume": _mounting(projected=_TOKEN),
        "a node": pod(nodeName="node-1"),
        "a priority before all others": pod(priorityClassName="system-node-critical"),
        "another account of a Deployment's pods": _deployed(serviceAccountName="default"),
        "another account of a Job's pods": _object(
            "batch/v1", "Job", spec={"template": _template(serviceAccountName="default")}
        ),
        "a name that leads elsewhere": _object(
            "v1", "Service", spec={"type": "ExternalName", "externalName": "kubernetes.default.svc"}
        ),
        "somebody's address": _service(externalIPs=["203.0.113.9"]),
    },
    Guard.NONE: {
        "nodes by their labels": pod(nodeSelector={"node-role.kubernetes.io/control-plane": ""}),
        "nodes that others keep off": pod(tolerations=[{"operator": "Exists"}]),
        "another name server": pod(dnsPolicy="None", dnsConfig={"nameservers": ["203.0.113.9"]}),
        "another environment's host": _object("networking.k8s.io/v1", "Ingress", spec={"rules": [_RULE]}),
        "open doors": _object("networking.k8s.io/v1", "NetworkPolicy", spec={"podSelector": {}, "egress": [{}]}),
    },
}
SAFE_POD = Escape(guard=Guard.NONE, body=pod())
SAFE_DEPLOYMENT = Escape(guard=Guard.NONE, body=_deployed())
"""What is none."""
ESCAPES: Mapping[str, Escape] = {
    name: Escape(guard=guard, body=body) for guard, bodies in _GUARDED.items() for name, body in bodies.items()
}
"""By what they reach for."""


def guarded(*guards: Guard) -> Mapping[str, Escape]:
    """Those that one of these refuses."""
    return {name: escape for name, escape in ESCAPES.items() if escape.guard in guards}
