"""A generation takes over from those before it: what goes on gets a new owner, then the old owners go with the rest."""

from collections.abc import Iterator

from runners._kubernetes import names
from runners._kubernetes.hold import Hold, generation
from runners._kubernetes.kinds import Body, Kind, kind_of, labels_of, name_of, uid_of, version_of
from runners._kubernetes.names import Role
from runners._kubernetes.refusals import Rejected

_KINDS = (
    Kind.CLAIM,
    Kind.DEPLOYMENT,
    Kind.JOB,
    Kind.SERVICE,
    Kind.SECRET,
    Kind.CONFIG,
    Kind.INGRESS,
)
_CONFLICT = 409


def succeed(hold: Hold) -> None:
    """Take over whatever older generations hold, but for finished attempts; done before, nothing is left to do."""
    anchors = [body for body in hold.listed(Kind.CONFIG, role=Role.ANCHOR) if _older(body, hold)]
    if not anchors:
        return
    former = {uid_of(anchor) for anchor in anchors}
    kinds = (*_KINDS, Kind.ROUTE) if hold.terms.gateway else _KINDS
    found = [body for kind in kinds for body in hold.listed(kind) if former & set(_owners(body))]
    over = frozenset(_over(found))
    for body in found:
        if _goes_on(body, over):
            _move(hold, body)
    for anchor in anchors:
        hold.api.delete(anchor)


def _older(body: Body, hold: Hold) -> bool:
    return generation(labels_of(body)) < hold.home.generation


def _owners(body: Body) -> Iterator[str]:
    yield from (str(owner["uid"]) for owner in body["metadata"].get("ownerReferences") or ())


def _over(found: list[Body]) -> Iterator[str]:
    """The groups whose attempt is over: nothing will be asked of them again."""
    for body in found:
        labels = labels_of(body)
        if kind_of(body) is Kind.JOB and finished(body) and labels.get(names.ROLE) != Role.POSTSTOP:
            yield labels.get(names.GROUP, name_of(body))


def finished(job: Body) -> bool:
    """Whether a Job of the cluster's is complete, or has failed for good."""
    conditions = (job.get("status") or {}).get("conditions") or ()
    return any(each["type"] in ("Complete", "Failed") and each["status"] == "True" for each in conditions)


def _goes_on(body: Body, over: frozenset[str]) -> bool:
    labels = labels_of(body)
    if kind_of(body) is Kind.CLAIM or labels.get(names.ROLE) == Role.OWED:
        return True
    return labels.get(names.GROUP) not in over


def _move(hold: Hold, body: Body) -> None:
    """Give it the new owner; what changes or goes meanwhile is looked at again, for it may be a newer one's by now."""
    found: Body | None = body
    while found is not None:
        owned = hold.owned(found)["metadata"]
        change = {key: owned[key] for key in ("labels", "ownerReferences")}
        try:
            hold.api.patch(found, {"metadata": {**change, "resourceVersion": version_of(found)}})
        except Rejected as error:
            if error.status not in (404, _CONFLICT):
                raise
            found = hold.current(kind_of(body), name_of(body))
        else:
            return
