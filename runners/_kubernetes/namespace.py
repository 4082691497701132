"""What is written on an environment's namespace, and laid in it before anything runs there."""

from collections.abc import Mapping

from bot.core.group import Home
from runners._kubernetes import names, quota, room
from runners._kubernetes.api import Api
from runners._kubernetes.hold import fence, removed, written
from runners._kubernetes.kinds import Body, Kind, going, name_of, version_of
from runners._kubernetes.refusals import Rejected
from runners._kubernetes.room import Room
from runners._kubernetes.terms import Terms

_CONFLICT = 409


def furnished(api: Api, given: Terms, home: Home, found: Body) -> Body:
    """The namespace with all that is to be in it; whoever changes it meanwhile is asked what it has become."""
    if not room.due(found, home, _wanted(api, given, home, found)):
        return found
    while True:
        wanted = _wanted(api, given, home, found)
        for body in wanted.bodies:
            written(lambda: api.apply(body), home)  # noqa: B023 - called at once
        quota.counted(api, name_of(found))
        notes = {names.ROOM: wanted.mark, names.ROOM_BY: str(home.generation)}
        try:
            return _changed(api, home, found, {"annotations": notes, "labels": wanted.labels})
        except Rejected as error:
            found = _again(api, home, found, error)


def noted(api: Api, home: Home, found: Body, notes: Mapping[str, str]) -> Body:
    """The namespace with these annotations; whoever changes it meanwhile is asked for their generation first."""
    while True:
        try:
            return _changed(api, home, found, {"annotations": notes})
        except Rejected as error:
            found = _again(api, home, found, error)


def _wanted(api: Api, given: Terms, home: Home, found: Body) -> Room:
    return room.room(room.terms(given, home, found), home, servers=_servers(api))


def _changed(api: Api, home: Home, found: Body, change: Body) -> Body:
    change = {"metadata": {**change, "resourceVersion": version_of(found)}}
    return written(lambda: api.patch(found, change), home)


def _again(api: Api, home: Home, found: Body, error: Rejected) -> Body:
    """The namespace as somebody has left it who changed it meanwhile."""
    if error.status != _CONFLICT:
        raise error
    again = api.read(Kind.NAMESPACE, name_of(found))
    fence(again, home)
    if again is None or going(again):
        raise removed(home)
    return again


def _servers(api: Api) -> tuple[str, ...]:
    """The addresses of the cluster's API, as far as they can be known: a pod is not to call it."""
    import ipaddress
    from urllib.parse import urlsplit

    host = urlsplit(api.host).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ()
    return (f"{address}/{address.max_prefixlen}",)
