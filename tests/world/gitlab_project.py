"""What is in the fake GitLab: projects, merge requests, notes, statuses, in a story's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.core.events import PullKey
from bot.core.names import Sha
from tests.world import gitlab_shapes as shapes
from tests.world.bare import Bare, Files
from tests.world.gitlab_pipelines import CommitStatus, Pipeline
from tests.world.gitlab_quick_actions import carried_out

ANSWER = "<!-- matinee:answer "
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
class Note:
    """A note on a merge request."""

    id: int
    author: str
    body: str
    created: int
    updated: int
    pull: "MergeRequest" = field(repr=False)
    system: bool = False
    internal: bool = False
    edits: int = 0
    awards: list[str] = field(default_factory=list)
    """Emoji that the bot put there."""

    def says(self, text: str) -> bool:
        """Whether the text is in it."""
        return text in self.body

    def edit(self, body: str) -> None:
        """Another text; quick actions are looked for in that, too."""
        self.pull.act(self.author, body)
        world = self.pull.project.world
        self.body, self.updated, self.edits = body, world.tick(), self.edits + 1
        world.happened("Note Hook", shapes.note_event(self, "update"))

    def delete(self) -> None:
        """Take it away, as a maintainer may."""
        self.pull.notes.remove(self)


@dataclass(slots=True, kw_only=True)
class MergeRequest:
    """A merge request; every happening is told to the webhook."""

    project: "Project" = field(repr=False)
    number: int
    id: int
    branch: str
    base: str
    author: str
    head: Sha
    shas: list[Sha]
    source: "Project | None" = field(repr=False)
    """Where the branch is; None where that project was deleted since."""
    title: str = ""
    state: str = "opened"
    draft: bool = False
    labels: list[str] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    notes: list[Note] = field(default_factory=list)

    @property
    def key(self) -> PullKey:
        """As the bot knows it."""
        return PullKey(forge="gitlab", repository=str(self.project.id), number=self.number)

    @property
    def repository(self) -> "Project":
        """Where it is to go."""
        return self.project

    @property
    def comments(self) -> list[Note]:
        """The notes that somebody wrote."""
        return [note for note in self.notes if not note.system]

    @property
    def comment(self) -> Note:
        """The bot's one note."""
        ours = [note for note in self._of_the_bot() if not note.body.startswith(ANSWER)]
        if len(ours) != 1:
            raise LookupError(f"the bot has {len(ours)} notes on merge request {self.number}, not one")
        return ours[0]

    @property
    def answers(self) -> list[str]:
        """What the bot has replied to remarks, oldest first."""
        return [note.body.partition("\n")[2] for note in self._of_the_bot() if note.body.startswith(ANSWER)]

    def _of_the_bot(self) -> list[Note]:
        return [note for note in self.notes if note.author == self.project.world.bot]

    @property
    def statuses(self) -> list[CommitStatus]:
        """All statuses on its commits, wherever they were put, oldest first."""
        places = {id(place): place for place in (self.project, self.source) if place is not None}
        every = [status for place in places.values() for status in place.statuses if status.sha in self.shas]
        return sorted(every, key=lambda status: status.id)

    @property
    def status(self) -> CommitStatus | None:
        """What shows on its head."""
        return next((status for status in reversed(self.statuses) if status.sha == self.head), None)

    def push(self, files: Files | None = None, *, by: str | None = None, late: int = 0) -> Sha:
        """Push a commit; git does not have it for the first `late` fetches."""
        before, self.head = self.head, self.project.commit(self, files or {f"change-{len(self.shas)}": ""})
        self.shas.append(self.head)
        self.project.world.lag(self.head, late)
        self._tell("update", by, oldrev=before)
        return self.head

    def push_back(self, sha: Sha, *, by: str | None = None) -> None:
        """Push by force a commit that was there before."""
        before, self.head = self.head, sha
        self.project.bare.point(f"refs/merge-requests/{self.number}/head", sha)
        if self.source is self.project:
            self.project.bare.point(f"refs/heads/{self.branch}", sha)
        self._tell("update", by, oldrev=before)

    def lose_fork(self) -> None:
        """Somebody deletes the project that its branch is in."""
        self.source = None

    def close(self, *, merged: bool = False, by: str | None = None) -> None:
        """Close or merge it."""
        self.state = "merged" if merged else "closed"
        self._tell("merge" if merged else "close", by)

    def reopen(self, *, by: str | None = None) -> None:
        """Open it again."""
        self.state = "opened"
        self._tell("reopen", by)

    def ready(self, *, by: str | None = None) -> None:
        """No draft any more."""
        self.draft = False
        self._tell("update", by, changes={"draft": {"previous": True, "current": False}})

    def back_to_draft(self, *, by: str | None = None) -> None:
        """A draft again."""
        self.draft = True
        self._tell("update", by, changes={"draft": {"previous": False, "current": True}})

    def retarget(self, base: str, *, by: str | None = None) -> None:
        """Aim at another branch."""
        changes = {"target_branch": {"previous": self.base, "current": base}}
        self.base = base
        self._tell("update", by, changes=changes)

    def label(self, name: str, *, by: str | None = None) -> None:
        """Put a label on it."""
        self._relabel([*self.labels, name], by)

    def unlabel(self, name: str, *, by: str | None = None) -> None:
        """Take a label off."""
        self._relabel([each for each in self.labels if each != name], by)

    def rename(self, title: str, *, by: str | None = None) -> None:
        """Give it another title."""
        changes = {"title": {"previous": self.title, "current": title}}
        self.title = title
        self._tell("update", by, changes=changes)

    @property
    def signs(self) -> list[list[str]]:
        """The bot's emoji, note by note of people's."""
        return [note.awards for note in self.comments if note.author != self.project.world.bot]

    def say(self, author: str, body: str, *, system: bool = False, internal: bool = False) -> Note:
        """Write a note on it, as anybody; what GitLab takes for a quick action is done."""
        self.act(author, body)
        world = self.project.world
        now = world.tick()
        note = Note(
            id=world.number(),
            author=author,
            body=body,
            created=now,
            updated=now,
            pull=self,
            system=system,
            internal=internal,
        )
        self.notes.append(note)
        if not system:
            world.happened("Confidential Note Hook" if internal else "Note Hook", shapes.note_event(note, "create"))
        return note

    def act(self, author: str, body: str) -> None:
        """Carry out the quick actions in a text, with its author's rights."""
        for name in carried_out(body):
            self.project.world.actions.append((author, name))

    def opened(self) -> None:
        """Tell that it is there."""
        self._tell("open", None)

    def _relabel(self, names: list[str], by: str | None) -> None:
        before, self.labels = self.labels, names
        sides = {"previous": before, "current": names}
        changes = {side: [shapes.label(self.project, each) for each in labels] for side, labels in sides.items()}
        self._tell("update", by, changes={"labels": changes})

    def _tell(
        self, action: str, by: str | None, *, oldrev: str | None = None, changes: dict[str, Any] | None = None
    ) -> None:
        self.updated = self.project.world.tick()
        told = shapes.merge_request_event(self, action, by or self.author, oldrev=oldrev, changes=changes or {})
        self.project.world.happened("Merge Request Hook", told)


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
