"""A pull of a fake forge, in a story's words; what happens to it is told to the webhook."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from bot.core.events import PullKey
from bot.core.names import Sha
from tests.world.bare import Files

ANSWER = "<!-- matinee:answer "


@dataclass(slots=True, kw_only=True)
class Comment:
    """What is written on a pull."""

    id: int
    author: str
    body: str
    created: int
    updated: int
    pull: "Pull[Any]" = field(repr=False)
    edits: int = 0
    system: bool = False
    """Whether the forge itself wrote it."""

    def says(self, text: str) -> bool:
        """Whether the text is in it."""
        return text in self.body

    def edit(self, body: str) -> None:
        """Write something else there, as its author."""
        raise NotImplementedError

    def delete(self) -> None:
        """Take it away, as a maintainer may."""
        self.pull.notes.remove(self)


C = TypeVar("C", bound=Comment)


@dataclass(slots=True, kw_only=True)
class Pull(Generic[C]):
    """What every forge's pulls have."""

    FORGE: ClassVar[str]

    repository: Any = field(repr=False)
    number: int
    id: int
    branch: str
    base: str
    author: str
    head: Sha
    shas: list[Sha]
    title: str = ""
    state: str
    draft: bool = False
    labels: list[str] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    notes: list[C] = field(default_factory=list)
    """All that is written on it, oldest first."""

    @property
    def key(self) -> PullKey:
        """As the bot knows it."""
        return PullKey(forge=self.FORGE, repository=str(self.repository.id), number=self.number)

    @property
    def at_home(self) -> bool:
        """Whether its branch is in the repository that it is to go to."""
        raise NotImplementedError

    @property
    def comments(self) -> list[C]:
        """What somebody wrote on it, oldest first."""
        return [note for note in self.notes if not note.system]

    @property
    def comment(self) -> C:
        """The bot's one comment."""
        ours = [each for each in self._of_the_bot() if not each.body.startswith(ANSWER)]
        if len(ours) != 1:
            raise LookupError(f"the bot has {len(ours)} comments on pull {self.number}, not one")
        return ours[0]

    @property
    def answers(self) -> list[str]:
        """What the bot has replied to remarks, oldest first."""
        return [each.body.partition("\n")[2] for each in self._of_the_bot() if each.body.startswith(ANSWER)]

    @property
    def statuses(self) -> list[Any]:
        """All statuses on its commits, oldest first."""
        return [status for status in self.repository.statuses if status.sha in self.shas]

    @property
    def status(self) -> Any:
        """What shows on its head; None where nothing does."""
        return next((status for status in reversed(self.statuses) if status.sha == self.head), None)

    @property
    def signs(self) -> list[list[str]]:
        """The bot's emoji, comment by comment of people's."""
        return [self.signs_on(each) for each in self.comments if each.author != self.repository.world.bot]

    def signs_on(self, comment: C) -> list[str]:
        """The bot's emoji on a comment, oldest first."""
        raise NotImplementedError

    def push(self, files: Files | None = None, *, by: str | None = None, late: int = 0) -> Sha:
        """Push a commit; git does not have it for the first `late` fetches."""
        before, self.head = self.head, self.repository.commit(self, files or {f"change-{len(self.shas)}": ""})
        self.shas.append(self.head)
        self.repository.world.lag(self.head, late)
        self.pushed(before, by)
        return self.head

    def push_back(self, sha: Sha, *, by: str | None = None) -> None:
        """Push by force, so that an earlier commit is the head again."""
        before, self.head = self.head, sha
        self.repository.point(self)
        self.pushed(before, by)

    def pushed(self, before: Sha, by: str | None) -> None:
        """Tell that its head is another."""
        raise NotImplementedError

    def opened(self) -> None:
        """Tell that it is there."""
        raise NotImplementedError

    def _of_the_bot(self) -> list[C]:
        return [each for each in self.comments if each.author == self.repository.world.bot]
