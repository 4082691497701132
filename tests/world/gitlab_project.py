"""What is in the fake GitLab: projects, their members, pipelines and statuses, in a story's words."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from bot.core.names import Sha
from tests.world import repository
from tests.world.gitlab_merge_request import MergeRequest
from tests.world.gitlab_pipelines import CommitStatus, Pipeline

if TYPE_CHECKING:
    from tests.world.gitlab import GitLabWorld

LEVELS = {"none": 0, "guest": 10, "read": 10, "triage": 20, "write": 30, "maintain": 40, "admin": 50}
"""Our words for GitLab's roles: guest, reporter, developer, maintainer, owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a project, or in a group above it."""

    level: int
    state: str = "active"
    membership_state: str = "active"
    expires_at: str | None = None


@dataclass(slots=True, kw_only=True)
class Project(repository.Repository[MergeRequest]):
    """A project."""

    REF: ClassVar[str] = "refs/merge-requests/{}/head"

    world: "GitLabWorld" = field(repr=False)
    members: dict[str, Member] = field(default_factory=dict)
    """By login; whoever is not in it is none."""
    shas: set[Sha] = field(default_factory=set)
    """The commits of branches that are here and of merge requests to here."""
    pipelines: list[Pipeline] = field(default_factory=list)
    statuses: list[CommitStatus] = field(default_factory=list)

    @property
    def people(self) -> MutableMapping[str, Member]:
        """Login to what this user may do here."""
        return self.members

    def made(self, *, from_fork: bool, author: str, **shared: Any) -> MergeRequest:
        """A merge request that nobody was told of."""
        source = self.world.fork(self, author) if from_fork else self
        return MergeRequest(repository=self, author=author, source=source, **shared)

    def committed(self, sha: Sha, pull: MergeRequest | None) -> None:
        """A commit is here now, and where the merge request comes from."""
        for place in (self, pull.source if pull else None):
            if place is not None:
                place.shas.add(sha)

    def pipeline(self, pull: MergeRequest) -> Pipeline:
        """GitLab CI starts one for the merge request's head."""
        ref = f"refs/merge-requests/{pull.number}/head"
        made = Pipeline(id=self.world.number(), sha=pull.head, ref=ref, source="merge_request_event")
        self.pipelines.append(made)
        return made

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
