"""A repository of a fake forge with a real git repository behind it, in a story's words."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from bot.core.names import Sha
from tests.world.bare import Bare, Files
from tests.world.pull import Pull

P = TypeVar("P", bound=Pull[Any])


@dataclass(slots=True, kw_only=True)
class Repository(Generic[P]):
    """What every forge's repositories have."""

    REF: ClassVar[str]
    """Where the head of a pull is in git, by its number."""

    world: Any = field(repr=False)
    id: int
    full_name: str
    bare: Bare = field(repr=False)
    head: Sha
    """The commit on the default branch."""
    created: int
    pulls: dict[int, P] = field(default_factory=dict)
    statuses: list[Any] = field(default_factory=list)
    listed: list[P] | None = None
    """What the list of pulls has, where it is not all of them."""

    @contextmanager
    def listing(self, pulls: list[P]) -> Iterator[None]:
        """Let the list of pulls have these alone while this lasts."""
        self.listed = pulls
        try:
            yield
        finally:
            self.listed = None

    def open_pull(
        self,
        *,
        branch: str = "feature",
        files: Files | None = None,
        author: str = "ana",
        from_fork: bool = False,
        draft: bool = False,
        labels: tuple[str, ...] = (),
        late: int = 0,
    ) -> P:
        """Push a branch and open a pull for it."""
        number = len(self.pulls) + 1
        pull = self.made(
            from_fork=from_fork,
            number=number,
            id=self.world.number(),
            branch=branch,
            base="main",
            author=author,
            head=self.head,
            shas=[],
            title=f"Change {branch}",
            draft=draft,
            labels=list(labels),
            created=self.world.tick(),
        )
        pull.head = self.commit(pull, files or {"change": ""})
        pull.shas.append(pull.head)
        self.pulls[number] = pull
        self.world.lag(pull.head, late)
        pull.opened()
        return pull

    def made(self, *, from_fork: bool, author: str, **shared: Any) -> P:
        """A pull that nobody was told of."""
        raise NotImplementedError

    def commit(self, pull: P, files: Files) -> Sha:
        """Put a commit on top of the pull."""
        ref = self.REF.format(pull.number)
        sha = self.bare.commit(ref, files, parent=pull.head, author=pull.author, at=self.world.tick())
        if pull.at_home:
            self.bare.point(f"refs/heads/{pull.branch}", sha)
        self.committed(sha, pull)
        return sha

    def point(self, pull: P) -> None:
        """Let the pull's refs point to its head."""
        self.bare.point(self.REF.format(pull.number), pull.head)
        if pull.at_home:
            self.bare.point(f"refs/heads/{pull.branch}", pull.head)

    def change(self, files: Files) -> Sha:
        """Commit to the default branch."""
        at = self.world.tick()
        self.head = self.bare.commit("refs/heads/main", files, parent=self.head, author="ana", at=at)
        self.committed(self.head, None)
        return self.head

    def committed(self, sha: Sha, pull: P | None) -> None:
        """A commit is here now: of a pull, or of the default branch."""

    def rename(self, full_name: str) -> None:
        """Give it, or its owner, another name."""
        root, was = self.bare.path.parents[self.full_name.count("/")], self.full_name
        self.bare.move(root / f"{full_name}.git")
        self.full_name = full_name
        self.moved(was)

    def moved(self, was: str) -> None:
        """Tell that it has another name, where a webhook does."""

    @property
    def people(self) -> MutableMapping[str, Any]:
        """Login to what this user may do here."""
        raise NotImplementedError

    def renamed(self, login: str, new: str) -> None:
        """An account has another name."""
        if login in self.people:
            self.people[new] = self.people.pop(login)
