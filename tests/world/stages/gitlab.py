"""The fake GitLab as a stage."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.core.events import Delivery, PullKey, Remark, RemarkKind, Sign
from bot.core.names import Sha
from bot.forges import gitlab
from bot.forges.gitlab import GitLab
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_merge_request import MergeRequest

_SIGNS = {"eyes": Sign.SEEN, "rocket": Sign.DONE, "confused": Sign.CONFUSED}


class GitLabStage:
    """One project of this world, in a group of a group, for the contract that every forge keeps."""

    def __init__(self, world: GitLabWorld) -> None:
        self._world = world
        self._project = world.repository("acme/web/shop", ana="write")
        self.forge = self.restarted()

    def restarted(self) -> GitLab:
        """The forge as it is after a restart of the bot: it remembers nothing."""
        return gitlab.create(self._world.settings)

    def open_pull(self) -> PullKey:
        """Somebody opens a pull."""
        return self._project.open_pull().key

    def push(self, key: PullKey) -> Sha:
        """Somebody pushes to it; the commit."""
        return self._pull(key).push()

    def close(self, key: PullKey) -> None:
        """Somebody closes it."""
        self._pull(key).close()

    def comments(self, key: PullKey) -> tuple[str, ...]:
        """What is to be read on it, oldest first."""
        ours = "<!-- matinee:v1 "
        return tuple(note.body for note in self._pull(key).comments if note.body.startswith(ours))

    def remark(self, key: PullKey) -> Remark:
        """Somebody writes something on it."""
        return Remark(id=str(self._pull(key).say("ana", "hello").id), kind=RemarkKind.COMMENT)

    def answers(self, key: PullKey) -> tuple[str, ...]:
        """What we answered to remarks on it, oldest first."""
        return tuple(answer.strip() for answer in self._pull(key).answers)

    def signs(self, remark: Remark) -> tuple[Sign, ...]:
        """How we acknowledged the remark, oldest first."""
        notes = (note for pull in self._project.pulls.values() for note in pull.comments if str(note.id) == remark.id)
        return tuple(_SIGNS[each] for note in notes for each in note.awards)

    def wipe(self, key: PullKey) -> None:
        """Somebody deletes our comment."""
        self._pull(key).comment.delete()

    def verdicts(self, key: PullKey) -> tuple[str, ...]:
        """The states that were put on its commits, oldest first."""
        return tuple(status.state for status in self._pull(key).statuses)

    def deliveries(self) -> tuple[Delivery, ...]:
        """The webhook's calls for all that happened so far."""
        return tuple(
            Delivery(
                headers=tuple((name.lower(), value) for name, value in self._world.signed(sent).items()), body=sent.body
            )
            for sent in self._world.deliveries
        )

    def _pull(self, key: PullKey) -> MergeRequest:
        return self._project.pulls[key.number]


@contextmanager
def stage() -> Iterator[GitLabStage]:
    """A world with one project."""
    with GitLabWorld(signing="whsec_bWF0aW5lZS1tYXRpbmVlLW1hdGluZWUtbWF0aW5lZS0=") as world:
        yield GitLabStage(world)
