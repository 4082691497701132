"""Tells a pull what happens: one call under way, the newest report next, those between dropped."""

import logging
from threading import Condition, Thread

from bot.core.errors import MatineeError
from bot.core.events import Pull
from bot.core.report import Report
from bot.forges.base import Forge

log = logging.getLogger(__name__)


class Teller:
    """A thread for one turn's telling; a forge that does not answer holds nothing up."""

    def __init__(self, forge: Forge, pull: Pull) -> None:
        self._forge = forge
        self._pull = pull
        self._changed = Condition()
        self._next: Report | None = None
        self._finishing = False
        self._error: MatineeError | None = None
        self._thread = Thread(target=self._work, name=f"tell {pull.key.environment}", daemon=True)
        self._thread.start()

    def say(self, report: Report) -> None:
        """Tell this when the call under way has ended, unless something newer comes first."""
        with self._changed:
            self._next = report
            self._changed.notify()

    def finish(self) -> MatineeError | None:
        """Wait until the last report is told; why it could not be, if so."""
        with self._changed:
            self._finishing = True
            self._changed.notify()
        self._thread.join()
        return self._error

    def _work(self) -> None:
        while (report := self._take()) is not None:
            try:
                self._forge.tell(self._pull, report)
                self._error = None
            except MatineeError as error:
                self._error = error
                log.warning("%s could not be told: %s", self._pull.key.environment, error)

    def _take(self) -> Report | None:
        with self._changed:
            self._changed.wait_for(lambda: self._next is not None or self._finishing)
            report, self._next = self._next, None
            return report
