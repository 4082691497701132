"""The fake GitHub as a stage."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.core.events import Delivery, PullKey
from bot.core.names import Sha
from bot.forges import github
from bot.forges.github import GitHub
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull


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
        """What is to be read on it, oldest first."""
        return tuple(comment.body for comment in self._pull(key).comments)

    def wipe(self, key: PullKey) -> None:
        """Somebody deletes our comment."""
        self._pull(key).comment.delete()

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
