"""An environment's namespace, taken away with all that is in it; or which object holds it, and by what."""

import json
import time
from collections.abc import Iterator

from bot.core.group import Home
from runners._kubernetes import names
from runners._kubernetes.api import Api, selector
from runners._kubernetes.ground import Ground, gone
from runners._kubernetes.hold import Hold, fence
from runners._kubernetes.kinds import Body, Kind, name_of, notes_of, version_of
from runners._kubernetes.refusals import Rejected
from runners._kubernetes.watch import Watch

_PATIENCE = 90.0
_CLEARING = 30.0
_GRACE = 1
_NOTED = 100
"""Objects in a note."""
_CONFLICT = 409


def remove(ground: Ground, home: Home, *, patience: float = _PATIENCE) -> tuple[str, ...]:
    """Clear it, then delete the namespace; the names of what is left."""
    while (hold := ground.held(home)) is not None:
        _clear(hold)
        found = ground.namespace(home)
        if found is None:
            break
        try:
            ground.api.delete(_marked(ground.api, found))
        except Rejected as error:
            if error.status != _CONFLICT:
                raise
        else:
            break
    ground.forget(home)
    found = ground.any(home)
    if found is None or gone(ground.api, found, patience=patience):
        return ()
    return (f"namespace {name_of(found)}", *_held_by(ground.api, name_of(found)))


def _clear(hold: Hold) -> None:
    """End what runs, with less patience than the cluster itself would have: a namespace waits for the slowest pod."""
    for kind in (Kind.DEPLOYMENT, Kind.JOB):
        for body in hold.listed(kind):
            hold.delete(kind, name_of(body))
    ends = time.monotonic() + _CLEARING
    with Watch(hold.api, Kind.POD, hold.namespace, labels=selector(names.ours(hold.home.environment))) as pods:
        asked: set[str] = set()
        while (there := pods.seen) and time.monotonic() < ends:
            # Pods tell no generation: these may be a newer one's by now.
            fence(hold.api.read(Kind.NAMESPACE, hold.namespace), hold.home)
            for name in there.keys() - asked:
                hold.delete(Kind.POD, name, grace=_GRACE)
                asked.add(name)
            pods.changed(1.0)


def _marked(api: Api, namespace: Body) -> Body:
    """The same with a note of what in it has finalizers: once it is going, our account may not look any more."""
    if not (held := list(_finalized(api, name_of(namespace)))):
        return namespace
    notes = {names.HELD: json.dumps(held[:_NOTED])}
    return api.patch(namespace, {"metadata": {"annotations": notes, "resourceVersion": version_of(namespace)}})


def _held_by(api: Api, name: str) -> Iterator[str]:
    """Every object that is still there because of a finalizer, and what the cluster says of the rest."""
    namespace = api.read(Kind.NAMESPACE, name)
    if namespace is None:
        return
    said = list(_told(namespace))
    noted = json.loads(notes_of(namespace).get(names.HELD, "[]"))
    known = [each for each in noted if any(finalizer in text for finalizer in each[1:] for text in said)]
    for what, *finalizers in list(_finalized(api, name)) or known:
        yield f"{what} (finalizer {', '.join(finalizers)})"
    yield from said


def _finalized(api: Api, namespace: str) -> Iterator[list[str]]:
    """Each object that has finalizers, and these."""
    for kind in (Kind.POD, Kind.CLAIM, Kind.SERVICE, Kind.DEPLOYMENT, Kind.JOB, Kind.INGRESS, Kind.SECRET, Kind.CONFIG):
        for body in api.listed(kind, namespace).items:
            if finalizers := body["metadata"].get("finalizers"):
                yield [f"{kind.word} {name_of(body)}", *finalizers]


def _told(namespace: Body) -> Iterator[str]:
    for condition in (namespace.get("status") or {}).get("conditions") or ():
        if condition["type"].startswith("NamespaceFinalizers") and condition["status"] == "True":
            yield str(condition["message"])
