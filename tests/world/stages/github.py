"""The fake GitHub as a stage."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.core.events import Delivery, PullKey, Remark, RemarkKind, Sign
from bot.core.names import Sha
from bot.forges import github
from bot.forges.github import GitHub
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull

_SIGNS = {"eyes": Sign.SEEN, "rocket": Sign.DONE, "confused": Sign.CONFUSED}


class GitHubStage:
    """One repository of this world, for the contract that every forge keeps."""

    def __init__(self, world: GitHubWorld) -> None:
        self._world = world
        self._repository = world.repository("acme/shop", ana="write")
        self.forge = self.restarted()

    def restarted(self) -> GitHub:
        """The forge as it is after a restart of the bot: it remembers nothing."""
        return github.create(self._world.settings)

    def open_pull(self) -> PullKey:
        """Somebody opens a pull."""
        return self._repository.open_pull().key

    def push(self, key: PullKey) -> Sha:
        """Somebody pushes to it; the commit."""
        return self._pull(key).push()

    def close(self, key: PullKey) -> None:
        """Somebody closes it."""
        self._pull(key).close()

    def comments(self, key: PullKey) -> tuple[str, ...]:
        """Those that say everything, oldest first."""
        ours = "<!-- matinee:v1 "
        return tuple(comment.body for comment in self._pull(key).comments if comment.body.startswith(ours))

    def remark(self, key: PullKey) -> Remark:
        """Somebody writes something on it."""
        return Remark(id=str(self._pull(key).say("ana", "hello").id), kind=RemarkKind.COMMENT)

    def answers(self, key: PullKey) -> tuple[str, ...]:
        """What we answered to remarks on it, oldest first."""
        marked = "<!-- matinee:answer "
        found = (comment.body for comment in self._pull(key).comments if comment.body.startswith(marked))
        return tuple(body.partition("\n")[2].strip() for body in found)

    def signs(self, remark: Remark) -> tuple[Sign, ...]:
        """How we acknowledged the remark, oldest first."""
        found = [each for each in self._repository.reactions if str(each.comment) == remark.id]
        return tuple(_SIGNS[each.content] for each in found)

    def wipe(self, key: PullKey) -> None:
        """Somebody deletes our comment."""
        next(each for each in self._pull(key).comments if each.body.startswith("<!-- matinee:v1 ")).delete()

    def verdicts(self, key: PullKey) -> tuple[str, ...]:
        """The states that were put on its commits, oldest first."""
        return tuple(status.state for status in self._pull(key).statuses)

    def deliveries(self) -> tuple[Delivery, ...]:
        """The webhook's calls for all that happened so far."""
        return tuple(
            Delivery(headers=tuple((name.lower(), value) for name, value in sent.headers.items()), body=sent.body)
            for sent in self._world.deliveries
        )

    def _pull(self, key: PullKey) -> Pull:
        return self._repository.pulls[key.number]


@contextmanager
def stage() -> Iterator[GitHubStage]:
    """A world with one repository."""
    with GitHubWorld() as world:
        yield GitHubStage(world)
