"""What the cluster tells by events only: why a Job gets no pod, and what a probe was answered."""

from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind

_PROBED = ("Startup probe failed: ", "Readiness probe failed: ", "Liveness probe failed: ")


def refusal(hold: Hold, job: str) -> str:
    """Why the cluster makes no pod for it; empty where it says nothing."""
    return _last(hold, job, "FailedCreate")


def answer(hold: Hold, pod: str, container: str) -> str:
    """The last answer to a probe of this container that was no yes; empty where there was none."""
    said = _last(hold, pod, "Unhealthy", part=f"{{{container}}}")
    return next((said.removeprefix(start) for start in _PROBED if said.startswith(start)), said).strip()


def mounting(hold: Hold, pod: str) -> str:
    """Why its volumes do not come; empty where the cluster says nothing."""
    return _last(hold, pod, "FailedMount")


def _last(hold: Hold, name: str, why: str, *, part: str = "") -> str:
    fields = f"involvedObject.name={name},reason={why}"
    found = hold.api.listed(Kind.EVENT, hold.namespace, fields=fields).items
    about = [each for each in found if part in (each["involvedObject"].get("fieldPath") or "")]
    return str(max(about, key=_when).get("message") or "") if about else ""


def _when(event: Body) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"])
