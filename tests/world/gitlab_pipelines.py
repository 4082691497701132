"""Commit statuses of the fake GitLab: jobs in pipelines, whose state goes only the ways that GitLab's goes."""

from dataclasses import dataclass, field

from bot.core.names import Sha

_ENDS = {"success": "success", "failed": "failed", "canceled": "canceled", "skipped": "skipped"}
_WAYS = {
    "enqueue": ("pending", frozenset({"created", "scheduled", "manual", "skipped"})),
    "run": ("running", frozenset({"pending"})),
    "success": ("success", frozenset({"created", "pending", "running"})),
    "drop": ("failed", frozenset({"created", "pending", "running"})),
    "cancel": ("canceled", frozenset({"created", "pending", "running"})),
    "skip": ("skipped", frozenset({"created", "pending"})),
}
_EVENTS = {"pending": "enqueue", "running": "run", "success": "success", "failed": "drop", "canceled": "cancel"}


class Barred(Exception):
    """No way leads from the state that it has to the one that is wanted."""


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """One run of a commit on a ref."""

    id: int
    sha: Sha
    ref: str
    source: str = "external"


@dataclass(slots=True, kw_only=True)
class CommitStatus:
    """A status on a commit."""

    id: int
    sha: Sha
    name: str
    author: str
    created: int
    pipeline: Pipeline = field(repr=False)
    state: str = "created"
    retried: bool = False
    """A newer job of this name is in the same pipeline; lists leave this one out."""
    description: str = ""
    url: str | None = None

    @property
    def ended(self) -> bool:
        """Whether it keeps its state for ever: what comes next is another job."""
        return self.state in _ENDS

    def become(self, wanted: str) -> None:
        """Go to that state; raises `Barred`, in GitLab's words, where that is no way."""
        if wanted == "running" and self.state in _WAYS["enqueue"][1]:
            self.state = "pending"
        event = _EVENTS[wanted]
        to, ways = _WAYS[event]
        if self.state not in ways:
            why = f'Reason(s): Status cannot transition via "{event}"'
            raise Barred(f"Cannot transition status via :{event} from :{self.state} ({why})")
        self.state = to
