"""Logs made of logs: of one task of a group, of several containers at once."""

import threading

from bot.core.wire import Log


def in_turn(log: Log) -> Log:
    """The same log for several containers at once."""
    turn = threading.Lock()

    def told(line: str) -> None:
        with turn:
            log(line)

    return told


def of_task(log: Log, task: str) -> Log:
    """The same log, each line with the name of the task that printed it."""
    return lambda line: log(f"{task} | {line}")
