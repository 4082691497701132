"""What a forge offers to the contract suite: `stage()` in `tests/world/stages/<forge>.py` gives one."""

from typing import Protocol

from bot.core.events import Delivery, PullKey, Remark, Sign
from bot.core.names import Sha
from bot.forges.base import Forge


class Stage(Protocol):
    """A forge with a repository in which things happen; `with stage() as it:`."""

    forge: Forge

    def restarted(self) -> Forge:
        """The forge as it is after a restart of the bot: it remembers nothing."""
        ...

    def open_pull(self) -> PullKey:
        """Somebody opens a pull."""
        ...

    def push(self, key: PullKey) -> Sha:
        """Somebody pushes to it; the commit."""
        ...

    def close(self, key: PullKey) -> None:
        """Somebody closes it."""
        ...

    def comments(self, key: PullKey) -> tuple[str, ...]:
        """What is to be read on it, oldest first."""
        ...

    def remark(self, key: PullKey) -> Remark | None:
        """Somebody writes something on it; None where nobody can."""
        ...

    def answers(self, key: PullKey) -> tuple[str, ...]:
        """What we answered to remarks on it, oldest first."""
        ...

    def signs(self, remark: Remark) -> tuple[Sign, ...]:
        """How we acknowledged the remark, oldest first."""
        ...

    def wipe(self, key: PullKey) -> None:
        """Somebody deletes our comment."""
        ...

    def verdicts(self, key: PullKey) -> tuple[str, ...]:
        """The states that were put on its commits, oldest first; empty where the forge has no statuses."""
        ...

    def deliveries(self) -> tuple[Delivery, ...]:
        """The webhook's calls for all that happened so far; empty where the forge has no webhooks."""
        ...
