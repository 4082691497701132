"""Tells a pull what happens: one call under way, the newest report next, those between dropped."""

import logging
from datetime import UTC, datetime, timedelta
from threading import Condition, Thread

from bot.core.errors import Limited, MatineeError
from bot.core.events import Pull
from bot.core.report import Report
from bot.forges.base import Forge

log = logging.getLogger(__name__)

PACE = timedelta(seconds=2)
"""Between two calls, as long as more may come: each makes up to two writes, and forges bear one in a second."""
UNTOLD = timedelta(seconds=30)
"""How long until a report that the forge did not take is told again, where the forge does not say when."""


def again(error: Exception, now: datetime) -> datetime:
    """When to try once more what the forge did not take."""
    return error.until if isinstance(error, Limited) else now + UNTOLD


class Teller:
    """A thread for one turn's telling; a forge that does not answer, or not yet, holds nothing up."""

    def __init__(self, forge: Forge, pull: Pull, *, pace: timedelta = PACE) -> None:
        self._forge = forge
        self._pull = pull
        self._pace = pace
        self._changed = Condition()
        self._next: Report | None = None
        self._begins = datetime.now(UTC)
        """The next call's time; the end of the turn does not wait for it."""
        self._finishing = False
        self._again: datetime | None = None
        self._thread = Thread(target=self._work, name=f"tell {pull.key.environment}", daemon=True)
        self._thread.start()

    def say(self, report: Report) -> None:
        """Tell this when the call under way has ended, unless something newer comes first."""
        with self._changed:
            self._next = report
            self._changed.notify()

    def finish(self) -> datetime | None:
        """Wait until the last report is told; when to try again where the forge did not take it."""
        with self._changed:
            self._finishing = True
            self._changed.notify()
        self._thread.join()
        return self._again

    def _work(self) -> None:
        while (report := self._take()) is not None:
            try:
                self._forge.tell(self._pull, report)
            except MatineeError as error:
                log.warning("%s could not be told: %s", self._pull.key.environment, error)
                self._untold(report, error)
            except Exception as error:
                log.exception("%s could not be told by a fault of ours", self._pull.key.environment)
                self._untold(report, error)
            else:
                self._told()

    def _take(self) -> Report | None:
        with self._changed:
            while not self._finishing and (self._next is None or self._early() > 0):
                self._changed.wait(self._early() if self._next else None)
            report, self._next = self._next, None
            return report

    def _early(self) -> float:
        return (self._begins - datetime.now(UTC)).total_seconds()

    def _told(self) -> None:
        with self._changed:
            self._again, self._begins = None, datetime.now(UTC) + self._pace

    def _untold(self, report: Report, error: Exception) -> None:
        with self._changed:
            self._again = self._begins = again(error, datetime.now(UTC))
            if not self._finishing:
                self._next = self._next or report
