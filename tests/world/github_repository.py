"""What is in the fake GitHub: repositories, pulls, comments, statuses, in a story's words."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from bot.core.names import Sha
from tests.world import github_remarks as remarks
from tests.world import github_shapes as shapes
from tests.world import pull, repository
from tests.world.github_checks import CheckRun
from tests.world.github_deployments import Deployment
from tests.world.github_reactions import Reaction

if TYPE_CHECKING:
    from tests.world.github import GitHubWorld

PERMISSIONS = ("none", "read", "triage", "write", "maintain", "admin")


@dataclass(slots=True, kw_only=True)
class Comment(pull.Comment):
    """A comment on a pull."""

    pull: "Pull" = field(repr=False)

    def edit(self, body: str) -> None:
        """Write something else there, as its author."""
        was, self.body, self.updated = self.body, body, self.pull.repository.world.tick()
        told = remarks.commented(self, "edited", changes={"body": {"from": was}})
        self.pull.repository.world.happened("issue_comment", told)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitStatus:
    """A status on a commit."""

    id: int
    sha: Sha
    state: str
    description: str
    url: str | None
    context: str
    author: str
    created: int


@dataclass(slots=True, kw_only=True)
class Pull(pull.Pull[Comment]):
    """A pull request."""

    FORGE: ClassVar[str] = "github"

    repository: "Repository" = field(repr=False)
    state: str = "open"
    fork: str | None = None
    """The full name of the head's repository; empty where it was deleted since; None where it is the base's own."""
    merged: bool = False

    @property
    def at_home(self) -> bool:
        """Whether its branch is in the repository that it is to go to."""
        return self.fork is None

    def signs_on(self, comment: Comment) -> list[str]:
        """The bot's reactions to a comment, oldest first."""
        return [each.content for each in self.repository.reactions if each.comment == comment.id]

    def pushed(self, before: Sha, by: str | None) -> None:
        """Tell that its head is another."""
        self._tell("synchronize", by, before=before, after=self.head)

    def lose_fork(self) -> None:
        """Let the head's repository be deleted; nothing is told."""
        self.fork = ""

    def close(self, *, merged: bool = False, by: str | None = None) -> None:
        """Close or merge it."""
        self.state, self.merged = "closed", merged
        self._tell("closed", by)

    def reopen(self, *, by: str | None = None) -> None:
        """Open it again."""
        self.state = "open"
        self._tell("reopened", by)

    def ready(self, *, by: str | None = None) -> None:
        """No draft any more."""
        self.draft = False
        self._tell("ready_for_review", by)

    def back_to_draft(self, *, by: str | None = None) -> None:
        """A draft again."""
        self.draft = True
        self._tell("converted_to_draft", by)

    def retarget(self, base: str, *, by: str | None = None) -> None:
        """Aim at another branch."""
        changes = {"base": {"ref": {"from": self.base}, "sha": {"from": self.repository.head}}}
        self.base = base
        self._tell("edited", by, changes=changes)

    def label(self, name: str, *, by: str | None = None) -> None:
        """Put a label on it."""
        self.labels.append(name)
        self._tell("labeled", by, label=shapes.label(self.repository.world, self.repository, name))

    def unlabel(self, name: str, *, by: str | None = None) -> None:
        """Take a label off it."""
        self.labels.remove(name)
        self._tell("unlabeled", by, label=shapes.label(self.repository.world, self.repository, name))

    def say(self, author: str, body: str) -> Comment:
        """Comment on it, as anybody."""
        world = self.repository.world
        now = world.tick()
        comment = Comment(id=world.number(), author=author, body=body, created=now, updated=now, pull=self)
        self.notes.append(comment)
        world.happened("issue_comment", remarks.commented(comment, "created"))
        return comment

    def remark(self, author: str, body: str) -> int:
        """Remark on a line of it, as anybody; the remark's number."""
        told = remarks.remarked(self, author, body)
        number = int(told["comment"]["id"])
        self.repository.review_comments.add(number)
        self.repository.world.happened("pull_request_review_comment", told)
        return number

    def review(self, author: str, body: str) -> None:
        """Review it, as anybody."""
        self.repository.world.happened("pull_request_review", remarks.reviewed(self, author, body))

    def opened(self) -> None:
        """Tell that it is there."""
        self._tell("opened", None)

    def _tell(self, action: str, by: str | None, **more: Any) -> None:
        self.updated = self.repository.world.tick()
        self.repository.tell("pull_request", action, by or self.author, number=self.number, pull_request=self, **more)


@dataclass(slots=True, kw_only=True)
class Repository(repository.Repository[Pull]):
    """A repository."""

    REF: ClassVar[str] = "refs/pull/{}/head"

    world: "GitHubWorld" = field(repr=False)
    private: bool = True
    permissions: dict[str, str] = field(default_factory=dict)
    """Login to one of `PERMISSIONS` or `roles`; whoever is not in it may read."""
    roles: dict[str, str] = field(default_factory=dict)
    """Roles of the organisation's own making, by the permission that each is based on."""
    statuses: list[CommitStatus] = field(default_factory=list)
    check_runs: list[CheckRun] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    environments: set[str] = field(default_factory=set)
    administered: bool = False
    """Whether the bot may administer it."""
    reactions: list[Reaction] = field(default_factory=list)
    review_comments: set[int] = field(default_factory=set)

    @property
    def people(self) -> MutableMapping[str, str]:
        """Login to what this user may do here."""
        return self.permissions

    def made(self, *, from_fork: bool, author: str, **shared: Any) -> Pull:
        """A pull that nobody was told of."""
        fork = f"{author}/{self.full_name.partition('/')[2]}" if from_fork else None
        return Pull(repository=self, author=author, fork=fork, **shared)

    def knows(self, sha: str) -> bool:
        """Whether it has this commit."""
        return sha in {self.head, *(commit for pull in self.pulls.values() for commit in pull.shas)}

    def moved(self, was: str) -> None:
        """Tell that it has another name."""
        changes = {"repository": {"name": {"from": was.partition("/")[2]}}}
        payload = {"action": "renamed", "changes": changes, **shapes.context(self, self.owner)}
        self.world.happened("repository", payload)

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self.full_name.partition("/")[0]

    def allow(self, login: str, permission: str) -> None:
        """Let this user do so much from now on."""
        self.permissions[login] = permission

    def permission(self, login: str) -> str:
        """What this user may do."""
        return self.permissions.get(login, "read")

    def tell(self, event: str, action: str, by: str, *, pull_request: Pull, **more: Any) -> None:
        """Tell the webhook what happened to a pull of this repository."""
        payload = {"action": action, **more, "pull_request": shapes.pull(pull_request), **shapes.context(self, by)}
        self.world.happened(event, payload)
