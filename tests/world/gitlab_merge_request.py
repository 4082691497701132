"""A merge request of the fake GitLab with its notes, in a story's words; what happens to it is told to the webhook."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from bot.core.names import Sha
from tests.world import gitlab_payloads as payloads
from tests.world import pull
from tests.world.gitlab_pipelines import CommitStatus
from tests.world.gitlab_quick_actions import carried_out

if TYPE_CHECKING:
    from tests.world.gitlab_project import Project


@dataclass(slots=True, kw_only=True)
class Note(pull.Comment):
    """A note on a merge request."""

    pull: "MergeRequest" = field(repr=False)
    internal: bool = False
    awards: list[str] = field(default_factory=list)
    """Emoji that the bot put there."""

    def edit(self, body: str) -> None:
        """Another text; quick actions are looked for in that, too."""
        self.pull.act(self.author, body)
        world = self.pull.project.world
        self.body, self.updated, self.edits = body, world.tick(), self.edits + 1
        world.happened("Note Hook", payloads.note_event(self, "update"))


@dataclass(slots=True, kw_only=True)
class MergeRequest(pull.Pull[Note]):
    """A merge request."""

    FORGE: ClassVar[str] = "gitlab"

    repository: "Project" = field(repr=False)
    state: str = "opened"
    source: "Project | None" = field(repr=False)
    """Where the branch is; None where that project was deleted since."""

    @property
    def project(self) -> "Project":
        """Where it is to go."""
        return self.repository

    @property
    def at_home(self) -> bool:
        """Whether its branch is in the project that it is to go to."""
        return self.source is self.project

    @property
    def statuses(self) -> list[CommitStatus]:
        """All statuses on its commits, wherever they were put, oldest first."""
        places = {id(place): place for place in (self.project, self.source) if place is not None}
        every = [status for place in places.values() for status in place.statuses if status.sha in self.shas]
        return sorted(every, key=lambda status: status.id)

    def signs_on(self, comment: Note) -> list[str]:
        """The bot's emoji on a note, oldest first."""
        return comment.awards

    def pushed(self, before: Sha, by: str | None) -> None:
        """Tell that its head is another."""
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
        told = payloads.merge_request_event(self, action, by or self.author, oldrev=oldrev, changes=changes or {})
        self.project.world.happened("Merge Request Hook", told)
