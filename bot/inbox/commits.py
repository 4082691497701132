"""Group commit: one thread writes at a time, and carries what the others want to write with it to the disk."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")
Work = Callable[[Connection], T]
_Job = tuple[Work[Any], "Future[Any]"]


class Commits:
    """A queue of work; who finds the writer's seat free does all that waits, in one transaction."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._begin = begin
        self._seat = threading.Lock()
        self._queue: deque[_Job] = deque()

    def add(self, work: Work[T]) -> T:
        """Do `work`, alone or in company; on return it is committed."""
        done: Future[T] = Future()
        self._queue.append((work, done))
        with self._seat:
            if not done.done():
                self._drain()
        return done.result()

    def _drain(self) -> None:
        jobs = [self._queue.popleft() for _ in range(len(self._queue))]
        try:
            if len(jobs) == 1:
                _each(self._begin, jobs)
            else:
                self._together(jobs)
        except _Spoilt:
            _each(self._begin, jobs)
        except Exception as error:  # noqa: BLE001 - nothing was committed, which each thread that asked raises again
            for _, done in jobs:
                done.set_exception(error)
        finally:
            # Only an interrupt leaves some undone; their threads come here next.
            self._queue.extendleft(job for job in reversed(jobs) if not job[1].done())

    def _together(self, jobs: list[_Job]) -> None:
        with self._begin() as connection:
            ends = [_attempt(connection, work, done) for work, done in jobs]
        for end in ends:
            end()


class _Spoilt(Exception):
    """One piece of work failed in a way that may have ended the transaction of all."""


def _attempt(connection: Connection, work: Work[T], done: "Future[T]") -> Callable[[], None]:
    """Do one piece of work, undone alone where it refuses; how it ended is told after the commit."""
    try:
        with connection.begin_nested():
            result = work(connection)
    except DBAPIError as error:
        raise _Spoilt from error
    except Exception as error:  # noqa: BLE001 - it is raised again in the thread that asked
        return partial(done.set_exception, error)
    return partial(done.set_result, result)


def _each(begin: Callable[[], AbstractContextManager[Connection]], jobs: list[_Job]) -> None:
    for work, done in jobs:
        try:
            with begin() as connection:
                result = work(connection)
        except Exception as error:  # noqa: BLE001 - it is raised again in the thread that asked
            done.set_exception(error)
        else:
            done.set_result(result)
