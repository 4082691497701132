"""What a plan comes to, node by node, as far as it can be known before any of it is done."""

from dataclasses import dataclass
from enum import StrEnum

from bot.core.deciding.plan import Plan
from bot.core.names import Name


class Verb(StrEnum):
    """What would happen to a node or to an image."""

    BUILD = "build"
    PULL = "pull"
    RUN = "run"
    MAY_RUN = "may run"
    """It depends on a value that a job before it is yet to write; so do the other two."""
    SKIP = "skip"
    KEEP = "keep"
    """A job that does nothing now: its stop and delete runs are kept with the environment."""
    START = "start"
    RESTART = "restart"
    MAY_RESTART = "may restart"
    RECREATE = "recreate"
    """Restarted, and down in between: two cannot have the same volumes."""
    MAY_RECREATE = "may recreate"
    UNCHANGED = "unchanged"
    STOP = "stop"
    REMOVE = "remove"
    FAIL = "fail"
    UNREACHED = "not reached"
    """Something before it would fail."""


class Kind(StrEnum):
    """What a row is about."""

    SERVICE = "service"
    JOB = "job"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What would happen, and why; the reason holds names and no value."""

    verb: Verb
    why: str = ""

    @property
    def lost(self) -> bool:
        """Whether what waits for it would not be reached."""
        return self.verb in (Verb.FAIL, Verb.UNREACHED)

    @property
    def runs(self) -> bool:
        """Whether it is a job's run that is made for sure or perhaps."""
        return self.verb in (Verb.RUN, Verb.MAY_RUN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRow:
    """The image of a node's own container (`task` is empty) or of one of its tasks."""

    task: Name
    prospect: Prospect


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One node; `after` names those that it waits for directly, and none that those wait for."""

    name: Name
    kind: Kind
    prospect: Prospect
    after: tuple[Name, ...] = ()
    images: tuple[ImageRow, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A plan with what it would come to; its rows are in the order in which they begin."""

    plan: Plan
    rows: tuple[Row, ...]


def document(outlook: Outlook) -> dict[str, object]:
    """The outlook as others script against it: `plan --json`."""
    plan = outlook.plan
    steps = [
        {"name": step.id, "kind": type(step.act).__name__.lower(), "after": sorted(step.waits), "why": step.why}
        for step in plan.steps
    ]
    return {"want": plan.want, "why": plan.why, "nodes": [_node(row) for row in outlook.rows], "steps": steps}


def _node(row: Row) -> dict[str, object]:
    images = [{"task": each.task, "act": each.prospect.verb, "why": each.prospect.why} for each in row.images]
    return {
        "name": row.name,
        "kind": row.kind,
        "act": row.prospect.verb,
        "why": row.prospect.why,
        "after": list(row.after),
        "images": images,
        "notes": list(row.notes),
    }
