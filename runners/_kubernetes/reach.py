"""The way to a service: its name, which leads to one version at a time, and its door to the world."""

import time

from bot.core.group import Ended, Group
from bot.core.names import Name
from runners._kubernetes import entrance, names
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, uid_of
from runners._kubernetes.refusals import allowed
from runners._kubernetes.watch import Watch

_PATIENCE = 10.0
_GLANCE = 0.5


def led(hold: Hold, group: Group) -> None:
    """Have the name lead to this version."""
    body = entrance.service(hold.home, group)
    there = hold.read(Kind.SERVICE, group.name)
    if there is not None and _headless(there) != _headless(body):
        hold.delete(Kind.SERVICE, group.name)
    hold.apply(body)


def opened(hold: Hold, group: Group) -> Ended | None:
    """Have the world let in, or kept out; why it cannot be."""
    door = entrance.door(hold.home, group, hold.terms)
    for kind in entrance.doors(hold.terms):
        if door is None or door["kind"] != kind.word:
            hold.delete(kind, group.name)
    if door is None:
        return None
    refusal = allowed(lambda: hold.apply(door))
    return refusal if isinstance(refusal, Ended) else None


def arrived(hold: Hold, group: Group) -> None:
    """Wait until the cluster sends who asks for the name to this version's pods, and to no other."""
    pods = {uid_of(body) for body in hold.listed(Kind.POD, service=group.name, version=names.version(group))}
    ends = time.monotonic() + _PATIENCE
    labels = f"kubernetes.io/service-name={group.name}"
    with Watch(hold.api, Kind.ENDPOINTS, hold.namespace, labels=labels) as slices:
        while time.monotonic() < ends:
            ready = {each for body in slices.seen.values() for each in _ready(body)}
            if ready and ready <= pods:
                return
            slices.changed(_GLANCE)


def closed(hold: Hold, name: Name) -> None:
    """Remove the name, and the door."""
    for kind in (*entrance.doors(hold.terms), Kind.SERVICE):
        hold.delete(kind, name)


def _headless(service: Body) -> bool:
    return bool(service["spec"].get("clusterIP") == "None")


def _ready(body: Body) -> set[str]:
    """The pods that it leads to, by their uids."""
    ready = [each for each in body.get("endpoints") or () if (each.get("conditions") or {}).get("ready")]
    return {str((each.get("targetRef") or {}).get("uid")) for each in ready}
