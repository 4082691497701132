"""The memory forge as a stage."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bot.core.events import Delivery, Pull, PullKey, Remark, RemarkKind, Sign
from bot.core.names import Sha
from bot.forges import memory
from bot.forges.memory import MemoryForge


class MemoryStage:
    """One repository, for the contract that every forge keeps."""

    def __init__(self) -> None:
        self._commits = itertools.count(1)
        self._numbers = itertools.count(1)
        self.forge = memory.create({})

    def restarted(self) -> MemoryForge:
        """The same: where it forgets, there is nothing to remember."""
        return self.forge

    def open_pull(self) -> PullKey:
        """Somebody opens a pull."""
        key = PullKey(forge="memory", repository="1", number=next(self._numbers))
        pull = Pull(
            key=key,
            repository="acme/shop",
            branch="feature",
            head=self._commit(),
            base="main",
            author="ana",
            open=True,
            fork=False,
        )
        self.forge.put(pull, url="file:///srv/git/acme/shop.git")
        return key

    def push(self, key: PullKey) -> Sha:
        """Somebody pushes to it; the commit."""
        self.forge.put(replace(self.forge.pull(key), head=self._commit()))
        return self.forge.pull(key).head

    def close(self, key: PullKey) -> None:
        """Somebody closes it."""
        self.forge.put(replace(self.forge.pull(key), open=False))

    def comments(self, key: PullKey) -> tuple[str, ...]:
        """What is to be read on it, oldest first."""
        comment = self.forge.comment(key)
        return () if comment is None else (comment,)

    def remark(self, key: PullKey) -> Remark:
        """Somebody writes something on it."""
        return Remark(id=str(next(self._numbers)), kind=RemarkKind.COMMENT)

    def answers(self, key: PullKey) -> tuple[str, ...]:
        """What we answered to remarks on it, oldest first."""
        return tuple(body for (pull, _), body in self.forge.replies.items() if pull == key)

    def signs(self, remark: Remark) -> tuple[Sign, ...]:
        """How we acknowledged the remark, oldest first."""
        return self.forge.signs.get(remark, ())

    def wipe(self, key: PullKey) -> None:
        """Somebody deletes our comment."""
        self.forge.wipe(key)

    def verdicts(self, key: PullKey) -> tuple[str, ...]:
        """The states that were put on its commits, oldest first."""
        return tuple(status.state for _, status in self.forge.statuses(key))

    def deliveries(self) -> tuple[Delivery, ...]:
        """None: it has no webhooks."""
        return ()

    def _commit(self) -> Sha:
        return Sha(f"{next(self._commits):040x}")


@contextmanager
def stage() -> Iterator[MemoryStage]:
    """An empty forge."""
    yield MemoryStage()
