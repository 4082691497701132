"""A pod as the cluster shows it at one moment. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from runners._kubernetes.kinds import Body, going, labels_of, name_of, notes_of, uid_of

_STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How one run of a container ended."""

    code: int
    reason: str = ""
    said: str = ""
    began: datetime | None = None
    finished: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vessel:
    """One container of a pod: where its newest run is, and how the one before ended."""

    running: datetime | None = None
    """Since when."""
    ended: End | None = None
    waits: str = ""
    """Why it does not run yet, or again: `ErrImagePull`, `CrashLoopBackOff`, …"""
    said: str = ""
    """What the cluster adds to that."""
    before: End | None = None
    restarts: int = 0
    ready: bool = False
    started: bool = False

    @property
    def began(self) -> bool:
        """Whether it has ever run."""
        return self.running is not None or self.ended is not None or self.before is not None

    @property
    def last(self) -> End | None:
        """How its newest run ended, also while it waits to run again; None: it runs, or has not run yet."""
        return None if self.running else self.ended or self.before

    @property
    def ends(self) -> int:
        """How many of its runs have ended."""
        return self.restarts + (self.last is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod with all of its containers, by their names."""

    name: str
    uid: str
    phase: str
    reason: str = ""
    said: str = ""
    going: bool = False
    vessels: Mapping[str, Vessel] = field(default_factory=dict)
    conditions: Mapping[str, tuple[bool, str]] = field(default_factory=dict)
    """By type: whether it holds, and the words that go with it."""
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether none of its containers will run again."""
        return self.phase in ("Succeeded", "Failed")

    @property
    def unscheduled(self) -> str:
        """Why no node takes it; empty where one did, or may yet."""
        holds, why = self.conditions.get("PodScheduled", (True, ""))
        return "" if holds else why

    def vessel(self, name: str) -> Vessel:
        """The container of this name; one that is not to be seen yet has not begun."""
        return self.vessels.get(name, Vessel())


def pod(body: Body) -> Pod:
    """What the cluster shows, in our words."""
    status = body.get("status") or {}
    return Pod(
        name=name_of(body),
        uid=uid_of(body),
        phase=status.get("phase", "Pending"),
        reason=status.get("reason", ""),
        said=status.get("message", ""),
        going=going(body),
        vessels=dict(_vessels(status)),
        conditions={each["type"]: _condition(each) for each in status.get("conditions") or ()},
        labels=labels_of(body),
        notes=notes_of(body),
    )


def moment(text: str | None) -> datetime | None:
    """A time as the cluster writes it."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _condition(shown: Body) -> tuple[bool, str]:
    return shown["status"] == "True", shown.get("message") or shown.get("reason", "")


def _vessels(status: Body) -> Iterator[tuple[str, Vessel]]:
    for kind in _STATUSES:
        for shown in status.get(kind) or ():
            yield shown["name"], _vessel(shown)


def _vessel(shown: Body) -> Vessel:
    state, last = shown.get("state") or {}, shown.get("lastState") or {}
    waiting = state.get("waiting") or {}
    return Vessel(
        running=moment((state.get("running") or {}).get("startedAt")),
        ended=_end(state.get("terminated")),
        waits=waiting.get("reason", ""),
        said=waiting.get("message", ""),
        before=_end(last.get("terminated")),
        restarts=shown.get("restartCount", 0),
        ready=bool(shown.get("ready")),
        started=bool(shown.get("started")),
    )


def _end(shown: Body | None) -> End | None:
    if not shown:
        return None
    return End(
        code=shown["exitCode"],
        reason=shown.get("reason", ""),
        said=shown.get("message", ""),
        began=moment(shown.get("startedAt")),
        finished=moment(shown.get("finishedAt")),
    )
