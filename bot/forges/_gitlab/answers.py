"""What GitLab's API answers about merge requests, in our words."""

from pydantic import Field, TypeAdapter

from bot.core.errors import Gone, Unavailable
from bot.core.events import NOBODY, ActorId, Pull, PullKey
from bot.core.names import Sha
from bot.forges._gitlab.payload import CommitId, Id, Login, Moment, Number, Ref, Shape

_OPEN = frozenset({"opened", "locked"})
"""Locked is one that is being merged: it ends merged, or opened again."""


class _Ghost(Shape):
    id: Id | None = None
    username: Login = "ghost"


class _References(Shape):
    full: str


class _Pipeline(Shape):
    id: Id
    sha: CommitId
    project_id: Id | None = None


class MergeRequest(Shape):
    """One, as it is in a list or on its own."""

    iid: Number
    created_at: Moment
    state: str
    draft: bool = False
    labels: tuple[str, ...] = Field(default=(), strict=False)
    author: _Ghost | None = None
    source_branch: Ref
    target_branch: Ref
    sha: CommitId | None = None
    source_project_id: Id | None = None
    target_project_id: Id
    references: _References
    head_pipeline: _Pipeline | None = None
    """Only where it was asked for on its own."""


ONE = TypeAdapter(MergeRequest)
MANY = TypeAdapter(list[MergeRequest])


def pull(key: PullKey, answer: MergeRequest) -> Pull:
    """The pull that GitLab answered with; a head that is not shown to be in the same project is a fork's."""
    if answer.sha is None:
        raise Gone(f"merge request {answer.iid} has no commit; push one")
    return Pull(
        key=key,
        repository=_path(answer),
        branch=answer.source_branch,
        head=Sha(answer.sha),
        base=answer.target_branch,
        author=answer.author.username if answer.author else "ghost",
        open=answer.state in _OPEN,
        fork=answer.source_project_id != answer.target_project_id,
        draft=answer.draft,
        author_id=ActorId(str(answer.author.id)) if answer.author and answer.author.id else NOBODY,
        labels=frozenset(answer.labels),
    )


def _path(answer: MergeRequest) -> str:
    path, mark, number = answer.references.full.rpartition("!")
    if not mark or number != str(answer.iid):
        raise Unavailable(f"GitLab's answer is unreadable: merge request {answer.iid} refers to another")
    return path
