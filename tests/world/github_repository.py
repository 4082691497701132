"""What is in the fake GitHub: repositories, pulls, comments, statuses, in a story's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from bot.core.events import PullKey
from bot.core.names import Sha
from tests.world import github_remarks as remarks
from tests.world import github_shapes as shapes
from tests.world.bare import Bare, Files
from tests.world.github_checks import CheckRun
from tests.world.github_deployments import Deployment
from tests.world.github_reactions import Reaction

if TYPE_CHECKING:
    from tests.world.github_app import App

ANSWER = "<!-- matinee:answer "
PERMISSIONS = ("none", "read", "triage", "write", "maintain", "admin")


class Surroundings(Protocol):
    """What the world gives to all that is in it."""

    base: str
    bot: str
    app: "App | None"
    events: list[str]

    def tick(self) -> int:
        """A moment later than all before, in seconds."""
        ...

    def number(self) -> int:
        """An id that nothing else has."""
        ...

    def person(self, login: str) -> int:
        """The id of a user, who is made if need be."""
        ...

    def known(self, login: str) -> bool:
        """Whether there is such a user."""
        ...

    def happened(self, event: str, payload: dict[str, Any]) -> object:
        """Tell the webhook."""
        ...

    def lag(self, sha: Sha, fetches: int) -> None:
        """Let git not have this commit for some fetches."""
        ...


@dataclass(slots=True, kw_only=True)
class Comment:
    """A comment on a pull."""

    id: int
    author: str
    body: str
    created: int
    updated: int
    pull: "Pull" = field(repr=False)
    edits: int = 0

    def says(self, text: str) -> bool:
        """Whether the text is in it."""
        return text in self.body

    def edit(self, body: str) -> None:
        """Write something else there, as its author."""
        was, self.body, self.updated = self.body, body, self.pull.repository.world.tick()
        told = remarks.commented(self, "edited", changes={"body": {"from": was}})
        self.pull.repository.world.happened("issue_comment", told)

    def delete(self) -> None:
        """Take it away, as a maintainer may."""
        self.pull.comments.remove(self)


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
class Pull:
    """A pull request; every happening is told to the webhook."""

    repository: "Repository" = field(repr=False)
    number: int
    id: int
    branch: str
    base: str
    author: str
    head: Sha
    shas: list[Sha]
    fork: str | None = None
    """The full name of the head's repository; empty where it was deleted since; None where it is the base's own."""
    title: str = ""
    state: str = "open"
    draft: bool = False
    labels: list[str] = field(default_factory=list)
    merged: bool = False
    created: int = 0
    updated: int = 0
    comments: list[Comment] = field(default_factory=list)

    @property
    def key(self) -> PullKey:
        """As the bot knows it."""
        return PullKey(forge="github", repository=str(self.repository.id), number=self.number)

    @property
    def comment(self) -> Comment:
        """The bot's one comment."""
        ours = [each for each in self._of_the_bot() if not each.body.startswith(ANSWER)]
        if len(ours) != 1:
            raise LookupError(f"the bot has {len(ours)} comments on pull {self.number}, not one")
        return ours[0]

    @property
    def answers(self) -> list[str]:
        """What the bot has replied to remarks, oldest first."""
        return [each.body.partition("\n")[2] for each in self._of_the_bot() if each.body.startswith(ANSWER)]

    def _of_the_bot(self) -> list[Comment]:
        return [comment for comment in self.comments if comment.author == self.repository.world.bot]

    @property
    def statuses(self) -> list[CommitStatus]:
        """All statuses on its commits, oldest first."""
        return [status for status in self.repository.statuses if status.sha in self.shas]

    @property
    def status(self) -> CommitStatus | None:
        """What shows on its head."""
        return next((status for status in reversed(self.statuses) if status.sha == self.head), None)

    def push(self, files: Files | None = None, *, by: str | None = None, late: int = 0) -> Sha:
        """Push a commit; git does not have it for the first `late` fetches."""
        before, self.head = self.head, self.repository.commit(self, files or {f"change-{len(self.shas)}": ""})
        self.shas.append(self.head)
        self.repository.world.lag(self.head, late)
        self._tell("synchronize", by, before=before, after=self.head)
        return self.head

    def push_back(self, sha: Sha, *, by: str | None = None) -> None:
        """Push by force, so that an earlier commit is the head again."""
        before, self.head = self.head, sha
        self.repository.point(self)
        self._tell("synchronize", by, before=before, after=sha)

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

    @property
    def signs(self) -> list[list[str]]:
        """The bot's reactions, comment by comment of people's."""
        people = [each.id for each in self.comments if each.author != self.repository.world.bot]
        return [[each.content for each in self.repository.reactions if each.comment == number] for number in people]

    def say(self, author: str, body: str) -> Comment:
        """Comment on it, as anybody."""
        world = self.repository.world
        now = world.tick()
        comment = Comment(id=world.number(), author=author, body=body, created=now, updated=now, pull=self)
        self.comments.append(comment)
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
class Repository:
    """A repository with a real git repository behind it."""

    world: Surroundings = field(repr=False)
    id: int
    full_name: str
    bare: Bare = field(repr=False)
    head: Sha
    """The commit on the default branch."""
    created: int
    private: bool = True
    permissions: dict[str, str] = field(default_factory=dict)
    """Login to one of `PERMISSIONS` or `roles`; whoever is not in it may read."""
    roles: dict[str, str] = field(default_factory=dict)
    """Roles of the organisation's own making, by the permission that each is based on."""
    pulls: dict[int, Pull] = field(default_factory=dict)
    statuses: list[CommitStatus] = field(default_factory=list)
    check_runs: list[CheckRun] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    environments: set[str] = field(default_factory=set)
    administered: bool = False
    """Whether the bot may administer it."""
    reactions: list[Reaction] = field(default_factory=list)
    review_comments: set[int] = field(default_factory=set)
    listed: list[Pull] | None = None
    """What the list of pulls has, where it is not all of them."""

    def knows(self, sha: str) -> bool:
        """Whether it has this commit."""
        return sha in {self.head, *(commit for pull in self.pulls.values() for commit in pull.shas)}

    @contextmanager
    def listing(self, pulls: list[Pull]) -> Iterator[None]:
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
    ) -> Pull:
        """Push a branch and open a pull for it."""
        number = len(self.pulls) + 1
        pull = Pull(
            repository=self,
            number=number,
            id=self.world.number(),
            branch=branch,
            base="main",
            author=author,
            head=self.head,
            shas=[],
            fork=f"{author}/{self.full_name.partition('/')[2]}" if from_fork else None,
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

    def commit(self, pull: Pull, files: Files) -> Sha:
        """Put a commit on top of the pull."""
        ref = f"refs/pull/{pull.number}/head"
        sha = self.bare.commit(ref, files, parent=pull.head, author=pull.author, at=self.world.tick())
        if pull.fork is None:
            self.bare.point(f"refs/heads/{pull.branch}", sha)
        return sha

    def point(self, pull: Pull) -> None:
        """Let the pull's refs point to its head."""
        self.bare.point(f"refs/pull/{pull.number}/head", pull.head)
        if pull.fork is None:
            self.bare.point(f"refs/heads/{pull.branch}", pull.head)

    def change(self, files: Files) -> Sha:
        """Commit to the default branch."""
        at = self.world.tick()
        self.head = self.bare.commit("refs/heads/main", files, parent=self.head, author="ana", at=at)
        return self.head

    def rename(self, full_name: str) -> None:
        """Give it, or its owner, another name."""
        was = self.full_name
        self.bare.move(self.bare.path.parents[1] / f"{full_name}.git")
        self.full_name = full_name
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
