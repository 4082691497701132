"""What GitHub answers and sends has these parts; nothing here talks to GitHub, and no URL in a payload is ever used."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.core.events import NOBODY, ActorId, Pull, PullKey
from bot.core.names import SHA, Sha

OWNER_AND_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/\.{0,2}[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}"
Id = Annotated[int, Field(ge=1, lt=2**63)]
Number = Annotated[int, Field(ge=1, lt=2**31)]
FullName = Annotated[str, StringConstraints(pattern=f"^{OWNER_AND_NAME}$")]
Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?$")]
CommitId = Annotated[str, StringConstraints(pattern=f"^(?:{SHA.pattern})$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]{1,1024}$")]
Text = Annotated[str, StringConstraints(pattern="")]
"""Whatever is Unicode: with a pattern, however empty, halves of characters are refused, which no database takes."""


class Shape(BaseModel):
    """A part of what GitHub documents: strict in what we use, open to all that it adds."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class User(Shape):
    """Whoever did something."""

    id: Id
    login: Login
    type: str = "User"

    @property
    def bot(self) -> bool:
        """Whether it is a program, as GitHub has it."""
        return self.type == "Bot"


class Repository(Shape):
    """Which repository; its name may be another's tomorrow."""

    id: Id
    full_name: FullName


class Identified(Shape):
    """Whatever has a number."""

    id: Id


class Commit(Shape):
    """Which commit."""

    sha: CommitId


class _Head(Shape):
    ref: Ref
    sha: CommitId
    repo: Identified | None


class _Target(Shape):
    ref: Ref
    repo: Repository


class _Ghost(Shape):
    id: Id | None = None
    login: Login = "ghost"


class _Label(Shape):
    name: Text


class PullRequest(Shape):
    """GitHub's answer about one pull."""

    number: Number
    state: str
    draft: bool = False
    user: _Ghost | None
    head: _Head
    base: _Target
    labels: list[_Label] = Field(default_factory=list)


class Granted(Shape):
    """GitHub's answer about what somebody may do."""

    permission: str
    role_name: str = ""
    user: User | None


class Reference(Shape):
    """GitHub's answer about a branch."""

    object: Commit


class Comparison(Shape):
    """GitHub's answer about two commits."""

    merge_base_commit: Commit


def pull(key: PullKey, answer: PullRequest) -> Pull:
    """The pull that GitHub answered with; a head that is not shown to be in the same repository is a fork's."""
    return Pull(
        key=key,
        repository=answer.base.repo.full_name,
        branch=answer.head.ref,
        head=Sha(answer.head.sha),
        base=answer.base.ref,
        author=answer.user.login if answer.user else "ghost",
        open=answer.state == "open",
        fork=answer.head.repo is None or answer.head.repo.id != answer.base.repo.id,
        draft=answer.draft,
        author_id=ActorId(str(answer.user.id)) if answer.user and answer.user.id else NOBODY,
        labels=frozenset(label.name for label in answer.labels),
    )
