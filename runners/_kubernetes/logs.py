"""What one run of a container prints, from its first line to its last, however often the connection is cut."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from bot.core.wire import Log
from runners._kubernetes.api import Api, hang_up
from runners._kubernetes.exec import Spot
from runners._kubernetes.kinds import Kind
from runners._kubernetes.refusals import Rejected
from runners._kubernetes.seen import Vessel, pod
from runners._lines import LIMIT, Lines

_STAMP = 40
"""More than the time before each line takes."""
_SILENCE = 120.0
"""Seconds without a line after which it is asked again: a cut connection looks the same."""
_PAUSE = 0.2
_CLOSING = 10.0


class Reading:
    """The lines of one run of a container; `number` counts its restarts. May be ended from another thread."""

    def __init__(self, api: Api, spot: Spot, *, number: int = 0) -> None:
        self._api, self._spot, self._number = api, spot, number
        self._over, self._news = threading.Event(), threading.Event()
        self._answer: Any = None
        self._last = ""
        self._of_last = 0
        self._seen = 0
        self._complete = False
        """The node itself has ended the stream: all of the run was told, and its log may be another run's by now."""

    def lines(self, *, follow: bool) -> Iterator[str]:
        """What was not given yet; with `follow`, as it comes, until the run has ended and all of it was told."""
        while not self._over.is_set():
            vessel = self._vessel()
            if vessel is None or vessel.restarts > self._number + 1:
                return
            if self._complete and (vessel.last or vessel.restarts > self._number):
                return
            if vessel.restarts == self._number + 1:
                yield from self._before()
                return
            if vessel.last or not follow:
                found = self._rest()
                if found is not None:
                    yield from found
                    return
            else:
                if vessel.running:
                    yield from self._streamed(follow=True)
                self._news.wait(_PAUSE)  # what has ended is shown as running for a while
                self._news.clear()

    def hasten(self) -> None:
        """The run has ended: what the cluster shows may be believed at once."""
        self._news.set()

    def after(self, other: "Reading") -> None:
        """Give only what the run before has not: told late of a new run, it may have read of that."""
        self._last, self._of_last = other._last, other._of_last

    def end(self) -> None:
        """Take no more lines."""
        self._over.set()
        self._news.set()
        with suppress(Exception):
            hang_up(self._answer)

    def so_far(self) -> Iterator[str]:
        """Every line that is there by now and was not given yet, after an `end`."""
        yield from self._rest() or ()

    def _vessel(self) -> Vessel | None:
        body = self._api.read(Kind.POD, self._spot.pod, self._spot.namespace)
        return pod(body).vessel(self._spot.container) if body else None

    def _rest(self) -> list[str] | None:
        """What is there by now; None, where in the meantime those have become another run's lines."""
        told = self._last, self._of_last
        found = list(self._streamed(follow=False))
        vessel = self._vessel()
        if vessel is None or vessel.restarts == self._number:
            return found
        self._last, self._of_last = told
        return None

    def _before(self) -> list[str]:
        """What the cluster keeps of this run beside the next; while that one waits to run again, it keeps only that."""
        found = list(self._streamed(follow=False, past=True))
        vessel = self._vessel()
        kept = vessel is not None and vessel.restarts == self._number + 1 and (vessel.running or vessel.ended)
        return found if kept else []

    def _streamed(self, *, follow: bool, past: bool = False) -> Iterator[str]:
        from urllib3.exceptions import HTTPError

        try:
            for line in self._stamped(follow=follow, past=past):
                stamp, _, text = line.partition(" ")
                # Where a log is gone, the node says so in its place, and puts no time before that.
                if stamp[:1].isdigit() and self._new(stamp):
                    yield text
        except (HTTPError, OSError):
            if not follow:
                raise
        except Rejected as error:
            if error.status not in (400, 404):
                raise

    def _new(self, stamp: str) -> bool:
        """Whether this line was not told yet; several may bear one time."""
        if stamp == self._last:
            self._seen += 1
            if self._seen <= self._of_last:
                return False
            self._of_last += 1
            return True
        if stamp < self._last:
            return False
        self._last, self._of_last, self._seen = stamp, 1, 1
        return True

    def _stamped(self, *, follow: bool, past: bool) -> Iterator[str]:
        """Lines with their times, from the second on in which the last one came."""
        self._seen = 0
        self._complete = False
        query = [("container", self._spot.container), ("timestamps", "true"), ("sinceTime", self._last)]
        query += [("follow", "true")] if follow else []
        query += [("previous", "true")] if past else []
        path = f"{self._api.path(Kind.POD, self._spot.namespace, self._spot.pod)}/log"
        told: list[str] = []
        cutter = Lines(lambda line: told.append(line), limit=LIMIT + _STAMP)
        self._answer = self._api.opened(path, query, silence=_SILENCE)
        try:
            if follow and self._over.is_set():
                return  # whoever ended it had no answer to hang up yet
            for chunk in self._answer.stream(amt=None):
                cutter.feed(chunk)
                yield from told
                told.clear()
        finally:
            self._answer.close()
        # A connection that is cut raises before: the piece of a line that it leaves is asked for again.
        cutter.end()
        yield from told
        self._complete = follow and not self._over.is_set()


class Following:
    """The same, told to a log by a thread."""

    def __init__(self, api: Api, spot: Spot, log: Log, *, number: int = 0, before: "Following | None" = None) -> None:
        self._reading = Reading(api, spot, number=number)
        self._before = before
        self._log = log
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._tell, name=f"follow {spot.pod} {spot.container}", daemon=True)
        self._thread.start()

    def rest(self, patience: float = _CLOSING) -> None:
        """Take the last lines of a run that has ended; raises what the cluster failed us with."""
        self._reading.hasten()
        self._thread.join(patience)
        self.end()
        if self._error is not None:
            raise self._error

    def end(self) -> None:
        """Take no more lines."""
        self._reading.end()
        self._thread.join(_CLOSING)

    def so_far(self) -> None:
        """Take what a run that goes on has printed by now, and no more."""
        self.end()
        for line in self._reading.so_far():
            self._log(line)

    def _tell(self) -> None:
        try:
            if self._before is not None:
                self._before.rest()
                self._reading.after(self._before._reading)
            for line in self._reading.lines(follow=True):
                self._log(line)
        except Exception as error:  # noqa: BLE001 - carried to whoever waits for the rest
            self._error = error
