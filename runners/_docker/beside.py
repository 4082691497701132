"""What begins when the mains of a group run: its poststart sidecars and the poststart tasks that end, all at once."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Self

from bot.core.group import Ended, Fate, Task
from bot.core.model import Hook
from runners._docker.cancel import Either
from runners._docker.group import Instance
from runners._docker.prelude import passed
from runners._docker.sidecar import Sidecars


class Beside:
    """The poststart tasks of one group, for as long as this is open."""

    def __init__(self, instance: Instance, sidecars: Sidecars) -> None:
        self.failed = Event()
        """Set once one has failed that fails the group."""
        self._instance = instance
        self._sidecars = sidecars
        self._unneeded = Event()
        self._passing = instance.group.hooked(Hook.POSTSTART)
        self._lasting = instance.group.hooked(Hook.POSTSTART, sidecar=True)
        self._hands = ThreadPoolExecutor(len(self._passing) + len(self._lasting) or 1, "poststart")
        self._ends: list[tuple[Task, Future[Ended | None]]] = []
        self._refused: list[tuple[Task, Ended]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._unneeded.set()
        self._hands.shutdown()

    def begin(self) -> None:
        """Start them all."""
        for task in self._lasting:
            if refused := self._sidecars.begin(task):
                self._refused.append((task, self._told(task, refused)))
            else:
                self._ends.append((task, self._hands.submit(self._able, task)))
        self._ends += [(task, self._hands.submit(self._passed, task)) for task in self._passing]

    def settled(self, *, needed: bool) -> tuple[Ended, ...] | Ended:
        """Wait for those that end, unless nobody needs them; the failure that matters, or those that do not."""
        if not needed:
            self._unneeded.set()
        found = ((task, future.result()) for task, future in self._ends)
        ends = [*self._refused, *((task, ended) for task, ended in found if ended)]
        failures = [(task, ended) for task, ended in ends if not ended.succeeded and _counts(ended, needed=needed)]
        vital = next((ended for task, ended in failures if task.required), None)
        return vital or tuple(ended for _, ended in failures)

    def _able(self, task: Task) -> Ended | None:
        unable = self._sidecars.able(task)
        return self._told(task, unable) if unable else None

    def _passed(self, task: Task) -> Ended:
        return self._told(task, passed(self._instance, task, Either(self._instance.unwanted, self._unneeded)))

    def _told(self, task: Task, ended: Ended) -> Ended:
        if task.required and not ended.succeeded:
            self.failed.set()
        return ended


def _counts(ended: Ended, *, needed: bool) -> bool:
    return needed or ended.fate is not Fate.CANCELLED
