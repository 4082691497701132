"""The volumes of a service: claims that outlive every version of it, until they are emptied or the environment goes."""

import time
from collections.abc import Iterable

from bot.core.errors import Unavailable
from bot.core.group import Group
from bot.core.names import Name
from runners._kubernetes import names
from runners._kubernetes import pod as pods
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, labels_of, name_of

_PATIENCE = 60.0
_GLANCE = 1.0


def ensured(hold: Hold, group: Group) -> None:
    """Have a claim for each volume, with what was in it."""
    for mount, name in pods.volumes(group):
        hold.ensure(pods.claim(hold.home, name, group.volumes[mount.path], names.of_group(group)))


def empty(hold: Hold, name: Name) -> None:
    """Delete what a service of this name has kept, whatever version made it; the next start makes it anew."""
    with hold.watch(Kind.CLAIM, service=name) as claims:
        for body in _kept(claims.seen.values()):
            hold.delete(Kind.CLAIM, name_of(body))
        ends = time.monotonic() + _PATIENCE
        while left := _kept(claims.seen.values()):
            if time.monotonic() > ends:
                claim = name_of(left[0])
                raise Unavailable(
                    f"volume claim {claim} in namespace {hold.namespace} does not go; stop the service first"
                )
            claims.changed(_GLANCE)


def _kept(bodies: Iterable[Body]) -> list[Body]:
    """Without those that go with a group."""
    return [body for body in bodies if names.GROUP not in labels_of(body)]
