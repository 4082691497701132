"""One attempt of a job: begun once, adopted by whoever comes later, finished once."""

from dataclasses import replace
from threading import Event, Lock

from bot.core.group import Ended, Ending, Fate, ending
from bot.core.wire import Cancel, Log
from runners._memory import poststop
from runners._memory.act import Act
from runners._memory.hooks import Beside, Unwanted, awaited, gone_through
from runners._memory.instance import Instance, output


class Attempt:
    """Under way from its making."""

    def __init__(self, instance: Instance) -> None:
        self.owes = True
        """Its poststop tasks are its own to do, not those of a later attempt."""
        self._instance = instance
        self._unwanted = Event()
        self._finishing = Lock()
        self._finish: Act[tuple[Ended, ...]] | None = None
        self._run = Act(lambda log: _led(instance, log, self._unwanted.is_set))

    def awaited(self, log: Log, cancel: Cancel) -> Ended:
        """How it ended, once it has; a cancel ends it where it may be interrupted."""

        def glance() -> None:
            if self._instance.group.interruptible and cancel.is_set():
                self._unwanted.set()

        return self._run.awaited(log, glance)

    def finished(self, told: Ending, log: Log) -> tuple[Ended, ...]:
        """Those of its poststop tasks that failed; they run once."""
        with self._finishing:
            if self._finish is None:
                self._finish = Act(lambda said: poststop.ended(self._instance, told, said))
        return self._finish.awaited(log)

    def paid(self, log: Log, *, kill: bool) -> tuple[Ended, ...]:
        """Bring to its end what nobody brought there: let it end or kill it, then do what it still owes."""
        if kill:
            self._unwanted.set()
        ended = self._run.awaited(lambda line: None)
        if not self.owes or self._finish is not None:
            return ()
        return self.finished(ending(ended, self._instance.group), log)


def _led(attempt: Instance, log: Log, unwanted: Unwanted) -> Ended:
    before = gone_through(attempt, log, unwanted)
    ended = before if isinstance(before, Ended) else _performed(attempt, log, unwanted)
    attempt.quiet()
    return ended if isinstance(before, Ended) else replace(ended, lost=(*before, *ended.lost))


def _performed(attempt: Instance, log: Log, unwanted: Unwanted) -> Ended:
    """The main, with what begins once it runs."""
    if unwanted():
        return Ended(fate=Fate.CANCELLED)
    own = attempt.begun(attempt.group, log)
    if own.refused:
        return own.ended()
    readiness = _Readiness(attempt, log)
    beside = Beside(attempt, log, unwanted)
    ended = awaited(own, lambda: readiness.asked() or beside.failed or unwanted())
    readiness.close()
    settled = beside.settled(needed=ended.succeeded)
    if isinstance(settled, Ended):
        return settled if ended.succeeded or (ended.fate is Fate.CANCELLED and not unwanted()) else ended
    return replace(ended, lost=settled, output=output(own)) if ended.succeeded else ended


class _Readiness:
    """The port of a job, asked while it runs: one line of its log says that it answers, or that it never did."""

    def __init__(self, attempt: Instance, log: Log) -> None:
        self._port, self._listening, self._log = attempt.group.port, attempt.network.ports, log
        self._told = self._port is None

    def asked(self) -> bool:
        """Look once; never a reason to end it."""
        if not self._told and self._port in self._listening:
            self._told = True
            self._log(f"port {self._port} answers")
        return False

    def close(self) -> None:
        """Say what is left to be said."""
        if not self._told:
            self._log(f"port {self._port} never answered")
