"""What all pods of ours have in common, whatever runs in them. Pure."""

from collections.abc import Mapping, Sequence

from bot.core.group import Group, Home
from bot.core.model import Hook
from runners._kubernetes import names
from runners._kubernetes.container import Mount, Part
from runners._kubernetes.kinds import Body, Kind, manifest
from runners._kubernetes.terms import Terms

GRACE = 5
"""Seconds between being asked to end and being ended."""
ALLOC = Mount(volume="alloc", path="/alloc")
_ANY_PORT = {"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}


def spec(terms: Terms, *, first: Sequence[Part] = (), then: Sequence[Part], volumes: Sequence[Body] = ()) -> Body:
    """A pod of these containers, the `first` ones one after the other; it may nothing outside itself."""
    parts = (*first, *then)
    return {
        "serviceAccountName": names.ACCOUNT,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE,
        "securityContext": security(terms),
        "initContainers": [part.body for part in first],
        "containers": [part.body for part in then],
        "volumes": [*volumes, *(volume for part in parts for volume in part.volumes)],
    }


def security(terms: Terms) -> Body:
    """Of the pod as a whole: any user may listen at any port, as on a machine of its own."""
    context: Body = {"seccompProfile": {"type": "RuntimeDefault"}, "sysctls": [_ANY_PORT]}
    return {**context, **({"runAsNonRoot": True} if terms.restricted else {})}


def ownership(group: Group) -> Body:
    """Whose the volumes that outlive the pod are: many a cluster makes them for root alone."""
    user = next((one.user for one in (group, *group.tasks) if one.user), None)
    if user is None or not (group.volumes or group.hooked(Hook.POSTSTOP)):
        return {}
    number, _, owners = user.partition(":")
    return {"fsGroup": int(owners or number), "fsGroupChangePolicy": "OnRootMismatch"}


def template(spec: Body, labels: Mapping[str, str]) -> Body:
    """The pod as something else makes it."""
    return {"metadata": {"labels": dict(labels)}, "spec": spec}


def rehearsed(spec: Body, *, name: str, labels: Mapping[str, str]) -> Body:
    """The same as a pod of its own, to ask whether the cluster would take it."""
    return manifest(Kind.POD, names.fitted(f"{name}-rehearsal"), labels, spec={"restartPolicy": "Never", **spec})


def passing(volume: str) -> Body:
    """A folder that goes with the pod, for any user."""
    return {"name": volume, "emptyDir": {}}


def in_memory(volume: str, size: str) -> Body:
    """The same in memory, and no larger than this."""
    return {"name": volume, "emptyDir": {"medium": "Memory", "sizeLimit": size}}


def kept(volume: str, claim: str) -> Body:
    """A folder that outlives the pod."""
    return {"name": volume, "persistentVolumeClaim": {"claimName": claim}}


def claim(home: Home, name: str, size: int, labels: Mapping[str, str]) -> Body:
    """What to ask the cluster for such a folder."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": str(size)}}}
    return manifest(Kind.CLAIM, name, {**names.ours(home.environment), **labels}, spec=spec)


def volumes(group: Group) -> tuple[tuple[Mount, str], ...]:
    """Where each volume of a group is mounted, and the claim that it is kept by."""
    return tuple(
        (Mount(volume=f"volume-{number}", path=path), names.claim(group, path))
        for number, path in enumerate(group.volumes)
    )
