"""Logs made of logs: of one task of a group, of several containers at once."""

import threading
from collections.abc import Sequence

from bot.core.wire import Log, begin_anew, tell


def in_turn(log: Log) -> Log:
    """The same log for several containers at once."""
    return _InTurn(log)


def of_task(log: Log, task: str) -> Log:
    """The same log, each line with the name of the task that printed it."""
    return _OfTask(log, task)


class _InTurn:
    def __init__(self, log: Log) -> None:
        self._log = log
        self._turn = threading.Lock()

    def __call__(self, line: str) -> None:
        self.many((line,))

    def many(self, lines: Sequence[str]) -> None:
        with self._turn:
            tell(self._log, lines)

    def anew(self) -> None:
        begin_anew(self._log)


class _OfTask:
    def __init__(self, log: Log, task: str) -> None:
        self._log = log
        self._task = task

    def __call__(self, line: str) -> None:
        self.many((line,))

    def many(self, lines: Sequence[str]) -> None:
        tell(self._log, [f"{self._task} | {line}" for line in lines])
