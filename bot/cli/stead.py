"""Takes the turns of one lane in the bot's stead, where none serves."""

import os
import socket
from threading import Thread

from bot.app import turn
from bot.inbox import Claim, Status
from bot.world import World


class Stead:
    """Holds at most one claim at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._held: list[Claim] = []
        self._worker: Thread | None = None

    @property
    def idle(self) -> bool:
        """Whether no turn of ours is under way."""
        return self._worker is None or not self._worker.is_alive()

    def take(self, status: Status) -> None:
        """Begin the lane's turn, unless it is somebody's, or not due."""
        if not self.idle or status.owner is not None or self._world.inbox.served():
            return
        claim = self._world.inbox.claim(owner(), lease=self._world.lease, environment=status.environment)
        if claim is not None:
            self._held.append(claim)
            self._worker = Thread(target=turn, args=(claim, self._world), name=f"turn {claim.environment}", daemon=True)
            self._worker.start()

    def give_back(self, *, patience: float = 0) -> None:
        """Hand every lane back at once, done or not; whoever takes it next goes on from what is kept.

        Then wait until the turn has noticed, at most so many seconds: an attempt of a job is let end.
        """
        for claim in self._held:
            self._world.inbox.release(claim)
        if self._worker is not None:
            self._worker.join(patience)


def owner() -> str:
    """Who this process is, for people who look into the lanes."""
    return f"{socket.gethostname()}/{os.getpid()}"
