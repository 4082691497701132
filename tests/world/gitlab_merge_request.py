"""A merge request of the fake GitLab with its notes, in a story's words; what happens to it is told to the webhook."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.core.events import PullKey
from bot.core.names import Sha
from tests.world import gitlab_payloads as payloads
from tests.world.bare import Files
from tests.world.gitlab_pipelines import CommitStatus
from tests.world.gitlab_quick_actions import carried_out

if TYPE_CHECKING:
    from tests.world.gitlab_project import Project

ANSWER = "<!-- matinee:answer "


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
        world.happened("Note Hook", payloads.note_event(self, "update"))

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
    acts: list[tuple[str, str, Sha, int]] = field(default_factory=list)
    """What happened, by whom, with which head and when, oldest first."""

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
        self.say(by or self.author, "marked this merge request as **ready**", system=True)
        self._tell("update", by, changes={"draft": {"previous": True, "current": False}})

    def back_to_draft(self, *, by: str | None = None) -> None:
        """A draft again."""
        self.draft = True
        self._tell("update", by, changes={"draft": {"previous": False, "current": True}})

    def retarget(self, base: str, *, by: str | None = None) -> None:
        """Aim at another branch."""
        changes = {"target_branch": {"previous": self.base, "current": base}}
        self.say(by or self.author, f"changed target branch from `{self.base}` to `{base}`", system=True)
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
            world.happened("Confidential Note Hook" if internal else "Note Hook", payloads.note_event(note, "create"))
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
        changes = {side: [payloads.label(self.project, each) for each in labels] for side, labels in sides.items()}
        self._tell("update", by, changes={"labels": changes})

    def _tell(
        self, action: str, by: str | None, *, oldrev: str | None = None, changes: dict[str, Any] | None = None
    ) -> None:
        self.updated = self.project.world.tick()
        self.acts.append(("push" if oldrev else action, by or self.author, self.head, self.updated))
        told = payloads.merge_request_event(self, action, by or self.author, oldrev=oldrev, changes=changes or {})
        self.project.world.happened("Merge Request Hook", told)
