"""A forge in memory: pulls are put in, comments and statuses recorded; no webhook of it is ever believed."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from bot.core.errors import Gone
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
from bot.core.telling.checkup import Check
from bot.core.telling.comment import comment
from bot.core.telling.status import Status, status
from bot.forges.base import Origin


class MemoryForge:
    """What a forge knows of its pulls, and what it was told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pulls: dict[PullKey, Pull] = {}
        self._origins: dict[str, str] = {}
        self._comments: dict[PullKey, str] = {}
        self._statuses: dict[PullKey, tuple[tuple[Sha, Status], ...]] = {}
        self._permissions: dict[tuple[str, ActorId], Permission] = {}
        self._bases: dict[str, Sha] = {}
        self.signs: dict[Remark, tuple[Sign, ...]] = {}
        self.replies: dict[tuple[PullKey, Remark | None], str] = {}

    def put(self, pull: Pull, *, url: str = "") -> None:
        """Make the pull be so from now on; `url` is where its repository is fetched."""
        with self._lock:
            self._pulls[pull.key] = pull
            if url:
                self._origins[pull.key.repository] = url

    def allow(self, repository: str, actor: ActorId, permission: Permission) -> None:
        """Give an account a permission in the repository with this number."""
        self._permissions[repository, actor] = permission

    def found(self, repository: str, head: Sha) -> None:
        """Let every pull of the repository go into a branch with this head, and have come from there."""
        self._bases[repository] = head

    def lose(self, key: PullKey) -> None:
        """Forget the pull, as a deleted repository does."""
        with self._lock:
            self._pulls.pop(key, None)

    def wipe(self, key: PullKey) -> None:
        """Delete our comment, as a user may."""
        with self._lock:
            self._comments.pop(key, None)

    def comment(self, key: PullKey) -> str | None:
        """The one comment of ours."""
        return self._comments.get(key)

    def statuses(self, key: PullKey) -> tuple[tuple[Sha, Status], ...]:
        """Every change of the status, oldest first."""
        return self._statuses.get(key, ())

    def verify(self, delivery: Delivery) -> Forged | None:
        """Believe nothing: this forge sends no webhooks."""
        del delivery
        return Forged("the memory forge sends no webhooks")

    def read(self, delivery: Delivery) -> Tidings | Ignored | Malformed:
        """Understand nothing, for the same reason."""
        del delivery
        return Ignored("the memory forge sends no webhooks")

    def delivery(self, event: str, body: bytes) -> Delivery:
        """A delivery of this event with this body as no forge sends it."""
        del event
        return Delivery(headers=(), body=body)

    def checks(self, repositories: Mapping[str, str], *, mend: bool = False) -> Iterator[Check]:
        """Nothing can be missing."""
        del repositories, mend
        return iter(())

    def pull(self, key: PullKey) -> Pull:
        """The pull as it was put last; raises `Gone` where it never was."""
        with self._lock:
            if key not in self._pulls:
                raise Gone(f"there is no pull {key.number} in repository {key.repository}")
            return self._pulls[key]

    def open_pulls(self, repository: str) -> Iterator[Pull]:
        """Every open pull that was put there."""
        with self._lock:
            pulls = [pull for key, pull in self._pulls.items() if key.repository == repository]
        yield from (pull for pull in pulls if pull.open)

    def permission(self, key: PullKey, actor: ActorId, login: str) -> Permission:
        """What it was given."""
        del login
        return self._permissions.get((key.repository, actor), Permission.NONE)

    def confirm(self, told: Commented) -> Ignored | None:
        """Believe it: nothing is ever delivered."""
        del told
        return None

    def acted(self, pull: Pull, actor: ActorId) -> bool:
        """Believe it, for the same reason."""
        del pull, actor
        return True

    def base(self, pull: Pull) -> Sha:
        """The head that was set; raises `Gone` where none was."""
        if pull.key.repository not in self._bases:
            raise Gone(f"{pull.repository} has no branch {pull.base}")
        return self._bases[pull.key.repository]

    def merge_base(self, pull: Pull) -> Sha:
        """The same."""
        return self.base(pull)

    def lost(self, repositories: Iterable[str], since: datetime) -> Iterator[Delivery]:
        """None: nothing is ever sent."""
        del repositories, since
        return iter(())

    def origin(self, pull: Pull) -> Origin:
        """Where to fetch the pull's commits."""
        if pull.key.repository not in self._origins:
            raise Gone(f"there is no git repository of {pull.repository}")
        return Origin(url=self._origins[pull.key.repository])

    def tell(self, pull: Pull, report: Report) -> None:
        """Record the comment, and the status where it changed."""
        with self._lock:
            self._comments[pull.key] = comment(report)
            if report.sha is not None:
                told = self._statuses.get(pull.key, ())
                now = (report.sha, status(report))
                self._statuses[pull.key] = told if told[-1:] == (now,) else (*told, now)

    def react(self, key: PullKey, to: Remark, sign: Sign) -> None:
        """Record the sign."""
        del key
        self.signs[to] = (*self.signs.get(to, ()), sign)

    def reply(self, key: PullKey, to: Remark | None, body: str) -> None:
        """Record the answer."""
        self.replies[key, to] = body


def create(settings: Mapping[str, str]) -> MemoryForge:
    """An empty forge."""
    del settings
    return MemoryForge()
