"""The versions of a service that are in the cluster: which serve, and how they go."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.core.errors import Unavailable
from bot.core.group import Ended, Ending, Group, Result
from bot.core.model import Hook
from bot.core.names import Name
from bot.core.wire import Log
from runners._kubernetes import beside, deployment, names, poststop
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, going, labels_of, name_of, notes_of
from runners._kubernetes.names import Role
from runners._kubernetes.pod import GRACE
from runners._kubernetes.poststop import Farewell
from runners._kubernetes.seen import pod

_PATIENCE = GRACE + 60.0
_GLANCE = 1.0
_LEFT = (Kind.CONFIG, Kind.SECRET, Kind.CLAIM)
"""What a group has besides its Deployment; where a bot dies over its end it may outlast that."""

Standing = Mapping[str, Body]
"""Deployments by their names."""


def standing(hold: Hold, name: Name) -> Standing:
    """Every Deployment of a service, of whatever version."""
    return {name_of(body): body for body in hold.listed(Kind.DEPLOYMENT, service=name, role=Role.REPLICA)}


def marked(bodies: Iterable[Body | None]) -> bool:
    """Whether all of them have been up."""
    return all(body is not None and names.UP in notes_of(body) for body in bodies)


def serves(hold: Hold, group: Group, there: Standing) -> bool:
    """Whether this version has been up, and every pod of it is ready now and has been given its poststart tasks."""
    sizes = deployment.sizes(group)
    bodies = [there.get(name) for name in sizes]
    if not marked(bodies) or any(going(body) for body in bodies if body is not None):
        return False
    pods = hold.listed(Kind.POD, service=group.name, role=Role.REPLICA)
    ready = Counter(labels_of(body)[names.GROUP] for body in pods if _ready(body) and _given(body, group))
    return all(ready[name] >= replicas for name, replicas in sizes.items())


def mark(hold: Hold, deployments: Iterable[str]) -> None:
    """Note that these have been up, so that they are not given up any more."""
    for name in deployments:
        hold.patch(Kind.DEPLOYMENT, name, {"metadata": {"annotations": {names.UP: "true"}}})


def gone(hold: Hold, groups: Sequence[str], ending: Ending, log: Log, *, wait: bool = True) -> tuple[Ended, ...]:
    """End these groups and remove what they left, each once it has done what it owes; those of its tasks that failed.

    Who owes nothing and shares nothing with who comes next may be let go without a wait for its last breath.
    """
    owing = {of: _told(hold, of, ending) for of in groups if poststop.owed(hold, group=of)}
    for of in groups:
        hold.delete(Kind.DEPLOYMENT, of)
    failures: list[Ended] = []
    for of in groups:
        if wait or of in owing:
            emptied(hold, of)
        if of in owing:
            failures += poststop.performed(Farewell(hold=hold, ending=owing[of], log=log), of)
        cleared(hold, of)
    return tuple(failures)


def ending(body: Body | None, result: Result) -> Ending:
    """What a version is told that goes for this; one that was never up cannot be replaced."""
    never = body is not None and not marked([body])
    return Ending(result=Result.CANCELLED if never and result is Result.REPLACED else result)


def emptied(hold: Hold, of: str) -> None:
    """Wait until nothing of this group runs any more; what is left of its pods goes by itself."""
    ends = time.monotonic() + _PATIENCE
    with hold.watch(Kind.POD, group=of, role=Role.REPLICA) as pods:
        while left := [name for name, body in pods.seen.items() if not (going(body) and pod(body).over)]:
            if time.monotonic() > ends:
                raise Unavailable(
                    f"pod {min(left)} in namespace {hold.namespace} does not end; see that its node lives"
                )
            pods.changed(_GLANCE)


def cleared(hold: Hold, of: str) -> None:
    """Remove what a group leaves that has ended."""
    for body in hold.listed(Kind.SECRET, group=of, role=Role.GIVEN):
        hold.delete(Kind.SECRET, name_of(body))
    poststop.forget(hold, of)


def groups(hold: Hold, name: Name, there: Standing) -> tuple[str, ...]:
    """The groups of a service: those that stand, and those of which anything is left."""
    left = (body for kind in _LEFT for body in hold.listed(kind, service=name))
    return tuple(sorted({*there, *filter(None, (labels_of(body).get(names.GROUP) for body in left))}))


def debtors(hold: Hold) -> tuple[Name, ...]:
    """The services that owe something."""
    found = hold.listed(Kind.CONFIG, role=Role.OWED)
    return tuple(sorted({Name(labels_of(body)[names.SERVICE]) for body in found if names.SERVICE in labels_of(body)}))


def _told(hold: Hold, of: str, ending: Ending) -> Ending:
    """How this group ends: so, unless whoever took its Deployment away has noted another reason."""
    if hold.read(Kind.DEPLOYMENT, of) is None and (known := poststop.noted(hold, of)):
        return known
    poststop.note(hold, of, ending)
    return ending


def _given(body: Body, group: Group) -> bool:
    return all(beside.tries(body, task) for task in group.hooked(Hook.POSTSTART))


def _ready(body: Body) -> bool:
    return not going(body) and pod(body).conditions.get("Ready", (False, ""))[0]
