"""What is in the fake GitLab: projects, their members, pipelines and statuses, in a story's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.core.names import Sha
from tests.world.bare import Bare, Files
from tests.world.gitlab_merge_request import MergeRequest
from tests.world.gitlab_pipelines import CommitStatus, Pipeline

LEVELS = {"none": 0, "guest": 10, "read": 10, "triage": 20, "write": 30, "maintain": 40, "admin": 50}
"""Our words for GitLab's roles: guest, reporter, developer, maintainer, owner."""


class Surroundings(Protocol):
    """What the world gives to all that is in it."""

    base: str
    bot: str
    actions: list[tuple[str, str]]

    def tick(self) -> int:
        """A moment later than all before, in seconds."""
        ...

    def number(self) -> int:
        """An id that nothing else has."""
        ...

    def person(self, login: str) -> int:
        """The id of a user, who is made if need be."""
        ...

    def happened(self, event: str, payload: dict[str, Any]) -> object:
        """Tell the webhook."""
        ...

    def lag(self, sha: Sha, fetches: int) -> None:
        """Let git not have this commit for some fetches."""
        ...

    def fork(self, of: "Project", owner: str) -> "Project":
        """A copy of a project in somebody's own space."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a project, or in a group above it."""

    level: int
    state: str = "active"
    membership_state: str = "active"
    expires_at: str | None = None


@dataclass(slots=True, kw_only=True)
class Project:
    """A project with a real git repository behind it."""

    world: Surroundings = field(repr=False)
    id: int
    full_name: str
    bare: Bare = field(repr=False)
    head: Sha
    """The commit on the default branch."""
    created: int
    members: dict[str, Member] = field(default_factory=dict)
    """By login; whoever is not in it is none."""
    pulls: dict[int, MergeRequest] = field(default_factory=dict)
    shas: set[Sha] = field(default_factory=set)
    """The commits of branches that are here and of merge requests to here."""
    pipelines: list[Pipeline] = field(default_factory=list)
    statuses: list[CommitStatus] = field(default_factory=list)
    listed: list[MergeRequest] | None = None
    """What the list of merge requests has, where it is not all of them."""

    @contextmanager
    def listing(self, pulls: list[MergeRequest]) -> Iterator[None]:
        """Let the list of merge requests have these alone while this lasts."""
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
    ) -> MergeRequest:
        """Push a branch and open a merge request for it."""
        number = len(self.pulls) + 1
        pull = MergeRequest(
            project=self,
            number=number,
            id=self.world.number(),
            branch=branch,
            base="main",
            author=author,
            head=self.head,
            shas=[],
            source=self.world.fork(self, author) if from_fork else self,
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

    def commit(self, pull: MergeRequest, files: Files) -> Sha:
        """Put a commit on top of the merge request."""
        ref = f"refs/merge-requests/{pull.number}/head"
        sha = self.bare.commit(ref, files, parent=pull.head, author=pull.author, at=self.world.tick())
        for place in (self, pull.source):
            if place is not None:
                place.shas.add(sha)
        if pull.source is self:
            self.bare.point(f"refs/heads/{pull.branch}", sha)
        return sha

    def change(self, files: Files) -> Sha:
        """Commit something to the default branch."""
        self.head = self.bare.commit("refs/heads/main", files, parent=self.head, author="ana", at=self.world.tick())
        self.shas.add(self.head)
        return self.head

    def pipeline(self, pull: MergeRequest) -> Pipeline:
        """GitLab CI starts one for the merge request's head."""
        ref = f"refs/merge-requests/{pull.number}/head"
        made = Pipeline(id=self.world.number(), sha=pull.head, ref=ref, source="merge_request_event")
        self.pipelines.append(made)
        return made

    def rename(self, full_name: str) -> None:
        """Give it, or its group, another name."""
        root = self.bare.path.parents[self.full_name.count("/")]
        self.bare.move(root / f"{full_name}.git")
        self.full_name = full_name

    def level(self, login: str) -> int:
        """What this user may do."""
        member = self.members.get(login)
        return member.level if member else 0

    def allow(self, login: str, role: str) -> None:
        """Give somebody another role."""
        self.members[login] = Member(level=LEVELS[role])

    def alter(self, login: str, **changes: Any) -> None:
        """Block somebody, or let the membership end."""
        self.members[login] = replace(self.members[login], **changes)
