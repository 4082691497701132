"""What runs before a group's mains and beside them: its prestart and poststart tasks."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace

from bot.core.group import Ended, Fate, Task
from bot.core.model import Hook
from bot.core.wire import Log
from runners._memory.act import begun
from runners._memory.container import Container
from runners._memory.instance import Instance, told
from runners._memory.probe import unfit

Lost = tuple[Ended, ...]
Unwanted = Callable[[], bool]
_GLANCE = 0.01
_KILLED = 137


def gone_through(instance: Instance, log: Log, unwanted: Unwanted) -> Lost | Ended:
    """Go through what comes before the mains: the failure that keeps them from starting, or those that do not."""
    return settled(_prelude(instance, log, unwanted))


def settled(ends: Iterable[tuple[Task, Ended | None]]) -> Lost | Ended:
    """The first failure that fails the group, asking for no more ends; or those that do not."""
    lost: Lost = ()
    for task, ended in ends:
        if ended is None or ended.succeeded:
            continue
        if task.required or ended.fate is Fate.CANCELLED:
            return replace(told(task, ended), lost=lost)
        lost = (*lost, told(task, ended))
    return lost


def sidecar(instance: Instance, task: Task, log: Log) -> Container:
    """Let a sidecar run, anew whenever it ends."""
    container = instance.begun(task, log)
    container.keep()
    return container


def passed(instance: Instance, task: Task, log: Log, unwanted: Unwanted) -> Ended:
    """How a task that is to end has ended at last, each try in a container of its own."""
    for _ in range(task.restarts + 1):
        if unwanted():
            return Ended(fate=Fate.CANCELLED)
        ended = awaited(instance.begun(task, log), unwanted)
        if ended.succeeded or ended.fate is Fate.CANCELLED:
            break
    return ended


def awaited(container: Container, unwanted: Unwanted) -> Ended:
    """How a container has ended; it is killed after its time, or when nobody wants it any more."""
    ends = time.monotonic() + container.one.max_duration
    while not container.wait(_GLANCE):
        late = time.monotonic() >= ends
        if late or unwanted():
            container.kill()
            return Ended(fate=Fate.TIMED_OUT if late else Fate.CANCELLED, code=_KILLED)
    return container.ended()


class Beside:
    """The poststart tasks of one group, begun at once."""

    def __init__(self, instance: Instance, log: Log, unwanted: Unwanted) -> None:
        self._unneeded = False
        self._begun: list[tuple[Task, Future[Ended]]] = []
        self._refused: list[tuple[Task, Ended]] = []
        for task in instance.group.hooked(Hook.POSTSTART, sidecar=True):
            if (container := sidecar(instance, task, log)).refused:
                self._refused.append((task, container.ended()))
        for task in instance.group.hooked(Hook.POSTSTART):
            self._begun.append((task, begun(self._pass(instance, task, log, unwanted))))

    @property
    def failed(self) -> bool:
        """Whether one has failed that fails the group."""
        over = [(task, future.result()) for task, future in self._begun if future.done()]
        return isinstance(settled((*self._refused, *over)), Ended)

    def settled(self, *, needed: bool) -> Lost | Ended:
        """Wait for those that end, unless nobody needs them; the failure that matters, or those that do not."""
        self._unneeded = not needed
        ends = [*self._refused, *((task, future.result()) for task, future in self._begun)]
        return settled((task, ended) for task, ended in ends if needed or ended.fate is not Fate.CANCELLED)

    def _pass(self, instance: Instance, task: Task, log: Log, unwanted: Unwanted) -> Callable[[], Ended]:
        return lambda: passed(instance, task, log, lambda: self._unneeded or unwanted())


def _prelude(instance: Instance, log: Log, unwanted: Unwanted) -> Iterator[tuple[Task, Ended | None]]:
    running: list[tuple[Task, Container]] = []
    for task in instance.group.hooked(Hook.PRESTART, sidecar=True):
        container = sidecar(instance, task, log)
        running += [] if container.refused else [(task, container)]
        yield task, container.ended() if container.refused else None
    for task in instance.group.hooked(Hook.PRESTART):
        yield task, passed(instance, task, log, unwanted)
    for task, container in running:
        yield task, unfit(container, unwanted)
