"""Keeps a claim alive while its turn goes on, and tells the turn when something newer is wanted."""

import logging
from threading import Event, Thread
from types import TracebackType

from bot.core.errors import Unavailable
from bot.inbox import Claim, Inbox

log = logging.getLogger(__name__)


class Watch:
    """A heartbeat in a thread of its own; `overtaken` is set when the lane has a newer generation or another owner."""

    def __init__(self, inbox: Inbox, claim: Claim, *, lease: float) -> None:
        self._inbox = inbox
        self._claim = claim
        self._lease = lease
        self._over = Event()
        self.overtaken = Event()
        self._thread = Thread(target=self._beat, name=f"watch {claim.environment}", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(min(1.0, self._lease / 5)):
            try:
                beat = self._inbox.beat(self._claim, lease=self._lease)
            except Unavailable as error:
                log.warning("the lane of %s could not be kept: %s", self._claim.environment, error)
                continue
            if not beat.held or beat.generation != self._claim.lane.generation:
                self.overtaken.set()
