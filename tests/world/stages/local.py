"""A folder of git as a stage."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.events import Delivery, PullKey, Remark, Sign
from bot.core.names import Sha
from bot.forges import local
from bot.forges.local import LocalForge
from tests.world.local import checkout


class LocalStage:
    """One repository, for the contract that every forge keeps."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changes = itertools.count()
        self._shop = checkout(folder / "shop")
        self._shop.commit({"README.md": "shop"})
        self.forge = self.restarted()

    def restarted(self) -> LocalForge:
        """The forge as it is after a restart of the bot: it remembers nothing."""
        return local.create({"state": str(self._folder / "state")})

    def open_pull(self) -> PullKey:
        """Somebody opens a pull."""
        self._shop.commit({"change": "0"}, branch="feature")
        return self.forge.open_pull(self._shop.path, "feature").key

    def push(self, key: PullKey) -> Sha:
        """Somebody pushes to it; the commit."""
        return self._shop.commit({f"change-{key.number}-{next(self._changes)}": ""}, branch="feature")

    def close(self, key: PullKey) -> None:
        """Somebody closes it."""
        self.forge.close(self._shop.path, self.forge.pull(key).branch)

    def comments(self, key: PullKey) -> tuple[str, ...]:
        """What is to be read on it, oldest first."""
        comment = self.forge.comment_of(key)
        return () if comment is None else (comment,)

    def remark(self, key: PullKey) -> None:
        """Nobody can."""

    def answers(self, key: PullKey) -> tuple[str, ...]:
        """None."""
        return ()

    def signs(self, remark: Remark) -> tuple[Sign, ...]:
        """None."""
        return ()

    def wipe(self, key: PullKey) -> None:
        """Somebody deletes our comment."""
        for file in (self._folder / "state").rglob(f"pull-{key.number}.md"):
            file.unlink()

    def verdicts(self, key: PullKey) -> tuple[str, ...]:
        """None: a folder has no statuses."""
        del key
        return ()

    def deliveries(self) -> tuple[Delivery, ...]:
        """None: it has no webhooks."""
        return ()


@contextmanager
def stage() -> Iterator[LocalStage]:
    """A repository in a folder that vanishes."""
    with tempfile.TemporaryDirectory() as folder:
        yield LocalStage(Path(folder))
