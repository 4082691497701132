"""What comes before the mains of a group: its prestart sidecars, then the prestart tasks that end, one by one."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from bot.core.group import Ended, Fate, Task
from bot.core.model import Hook
from bot.core.wire import Cancel
from runners._docker import names
from runners._docker.group import Instance, ready
from runners._docker.names import Role
from runners._docker.passing import Passing, completed
from runners._docker.sidecar import Sidecars
from runners._telling import of_task


def gone_through(instance: Instance, sidecars: Sidecars, *, late: bool = False) -> tuple[Ended, ...] | Ended:
    """The failure that keeps the mains from starting, or those that do not matter; late where they have begun."""
    lost: tuple[Ended, ...] = ()
    for task, ended in _acts(instance, sidecars, late=late):
        if ended is None or ended.succeeded:
            continue
        if task.required or ended.fate is Fate.CANCELLED:
            return replace(ended, lost=lost)
        lost = (*lost, ended)
    return lost


def _acts(instance: Instance, sidecars: Sidecars, *, late: bool) -> Iterator[tuple[Task, Ended | None]]:
    beside = instance.group.hooked(Hook.PRESTART, sidecar=True)
    begun = []
    for task in beside:
        refused = sidecars.begin(task)
        begun += [] if refused else [task]
        yield task, refused
    for task in instance.group.hooked(Hook.PRESTART):
        yield task, passed(instance, task, instance.unwanted)
    for task in () if late else begun:
        yield task, sidecars.healthy(task)


def passed(instance: Instance, task: Task, unwanted: Cancel | None) -> Ended:
    """How a task that ends has ended at last, each try in a container of its own."""
    log = of_task(instance.log, task.name)
    return replace(completed(_tries(instance, task, unwanted), log), task=task.name)


def _tries(instance: Instance, task: Task, unwanted: Cancel | None) -> Iterator[Passing]:
    for number in range(1, task.restarts + 2):
        name = names.task(instance.name, task.name, number)
        make = partial(ready, instance, task, Role.PASSING, name=name)
        yield Passing(engine=instance.engine, name=name, make=make, limit=task.max_duration, unwanted=unwanted)
