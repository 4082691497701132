"""The port: what the core needs of a forge, and nothing more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.core.events import (
    ActorId,
    Commented,
    Delivery,
    Forged,
    Ignored,
    Malformed,
    Pull,
    PullKey,
    Remark,
    Sign,
    Tidings,
)
from bot.core.names import Sha
from bot.core.permission import Permission
from bot.core.report import Report
from bot.core.telling.annotation import Annotation
from bot.core.telling.checkup import Check
from bot.core.telling.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where git fetches a repository: built from settings and the forge's own answer, never from a request."""

    url: str
    """`https://…`, or `file:///…` of a local forge."""
    header: str | None = field(default=None, repr=False)
    """An `Authorization: …` header for that URL; secret."""


class Forge(Protocol):
    """One forge. One that does not answer raises `Unavailable`."""

    def verify(self, delivery: Delivery) -> Forged | None:
        """Check the signature over the raw bytes; None where it holds."""
        ...

    def read(self, delivery: Delivery) -> Tidings | Ignored | Malformed:
        """What a verified delivery says; no text of whatever form raises."""
        ...

    def delivery(self, event: str, body: bytes) -> Delivery:
        """A delivery of this event with this body as the forge sends it, but unsigned."""
        ...

    def checks(self, repositories: Mapping[str, str], *, mend: bool = False) -> Iterator[Check]:
        """Look whether it can be worked with, and with these repositories (id to name); raises nothing.

        With `mend` it does what it can about what is not well, and says so.
        """
        ...

    def pull(self, key: PullKey) -> Pull:
        """The pull as it is now; raises `Gone` where it is not to be found."""
        ...

    def open_pulls(self, repository: str) -> Iterator[Pull]:
        """Every open pull of the repository with this number; raises `Gone` where it is not to be found."""
        ...

    def permission(self, key: PullKey, actor: ActorId, login: str) -> Permission:
        """What this account may do in the pull's repository, asked by its number; NONE for whoever is unknown there."""
        ...

    def confirm(self, told: Commented) -> Ignored | None:
        """Why a remark is not what it was told to be; None where it is so. Raises `Gone` where it is not to be found.

        A forge whose deliveries only itself can write is believed unasked.
        """
        ...

    def acted(self, pull: Pull, actor: ActorId) -> bool:
        """Whether the account opened the pull, pushed its head, or did what else brings a deploy, as the forge shows.

        True unasked where only the forge itself can have told of it.
        """
        ...

    def base(self, pull: Pull) -> Sha:
        """The newest commit of the branch that the pull is to go into."""
        ...

    def merge_base(self, pull: Pull) -> Sha:
        """The commit from which the pull's branch went its own way."""
        ...

    def lost(self, repositories: Iterable[str], since: datetime) -> Iterator[Delivery]:
        """Deliveries since then that nobody took, as the forge itself shows them: they need no `verify`.

        `repositories` has the numbers of those that are asked for, where the forge cannot be asked for all; what one
        of them does not answer is raised once the others were asked.
        """
        ...

    def origin(self, pull: Pull) -> Origin:
        """Where to fetch the pull's commits."""
        ...

    def tell(self, pull: Pull, report: Report) -> None:
        """Show the report on the pull: one comment, edited in place, a status on the commit, and what else there is.

        Raises `Limited` where the forge wants to be left alone until then.
        """
        ...

    def react(self, key: PullKey, to: Remark, sign: Sign) -> None:
        """Acknowledge a remark on the pull, where the forge has signs for it; raises nothing for want of one."""
        ...

    def reply(self, key: PullKey, to: Remark | None, body: str) -> None:
        """Answer a remark on the pull, once: an answer that is there already is edited."""
        ...


class Pipeline(Protocol):
    """A forge's own CI, in a job of which this process runs.

    The module of a forge that has one says so by a function `pipeline`: from the variables of this process to the
    pipeline, or to None where it is not in there.
    """

    @property
    def forge(self) -> str:
        """The forge's name, as in `PullKey.forge`."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """What it knows of where the forge is and with which rights we work there; the operator's own come first."""
        ...

    def tidings(self, forge: Forge) -> Tidings | Ignored | Malformed:
        """What the job runs for, told by an event that no other has the number of; raises nothing for its form."""
        ...

    def hide(self, values: Iterable[str]) -> None:
        """Let the CI mask these wherever the job prints them; to be called before anything foreign is printed."""
        ...

    def foreign(self) -> AbstractContextManager[None]:
        """While it lasts nothing that is printed, all on standard error, is a command to the CI."""
        ...

    def annotate(self, annotations: Sequence[Annotation]) -> None:
        """Show what is wrong at lines of the pull's files, where the CI has a place for it; not within `foreign`."""
        ...

    def warn(self, sentences: Sequence[str]) -> None:
        """Show what could not be told also beside the log, where the CI has a place for it; not within `foreign`."""
        ...

    def publish(self, result: Result | None, summary: str) -> None:
        """Leave the result for the steps or jobs that follow, where there is one, and the summary (Markdown)."""
        ...


Forges = Mapping[str, Forge]
"""By name, as in `PullKey.forge`."""
