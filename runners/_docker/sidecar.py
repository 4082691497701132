"""The sidecars of a group: started again by the engine whenever they end, until the group ends."""

import time
from collections import deque
from dataclasses import replace
from typing import Self

from bot.core.group import Ended, Fate, Task
from runners._docker.cancel import Either
from runners._docker.candidate import Candidate, healthy
from runners._docker.engine import Seen, allowed
from runners._docker.fate import fate
from runners._docker.group import Instance, ready
from runners._docker.names import Role
from runners._docker.recipe import FOR_EVER
from runners._docker.stream import Tending, lines
from runners._telling import of_task

_SETTLES = 0.3
"""Seconds in which a program that cannot be started has shown it."""
_GLANCE = 0.05


class Sidecars:
    """Those that were started or met here, with their lines for as long as this is open."""

    def __init__(self, instance: Instance, holder: Seen, *, over: bool = False) -> None:
        self._instance = instance
        self._holder = holder
        self._over = over
        """Their group is over: what has ended is not started again."""
        self._tending: list[Tending] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._tending:
            each.end()

    def rest(self) -> None:
        """Take the last lines of sidecars that have been stopped."""
        for each in self._tending:
            each.rest()

    def begin(self, task: Task) -> Ended | None:
        """Let it run, unless it runs; why it cannot."""
        made = ready(self._instance, task, Role.SIDECAR, policy=FOR_EVER)
        refused = made if isinstance(made, Ended) else self._begun(made, task)
        return replace(refused, task=task.name) if refused else None

    def healthy(self, task: Task) -> Ended | None:
        """Wait until it is healthy, or runs where it has no health; why it is not."""
        if task.health is None:
            return self.able(task)
        candidate = Candidate(
            engine=self._instance.engine,
            container=self._instance.called(task),
            one=task,
            owner=self._holder,
            log=of_task(self._instance.log, task.name),
            cancel=self._instance.unwanted,
        )
        unfit = healthy(candidate)
        return replace(unfit, task=task.name) if unfit else None

    def able(self, task: Task) -> Ended | None:
        """Give it a moment to begin; why it never can. What begins and ends is started again, and that is fine."""
        unable = _unable(self._instance, self._instance.called(task))
        return replace(unable, task=task.name) if unable else None

    def _begun(self, made: str, task: Task) -> Ended | None:
        engine, log = self._instance.engine, of_task(self._instance.log, task.name)
        seen = engine.seen(made)
        runs = seen is not None and seen.lives
        if seen and runs and not seen.joins(self._holder):
            engine.stop(made, patience=0)
            runs = False
        still = runs or (self._over and seen is not None)
        tending = Tending(engine, made, log, attached=not still)
        refused = None if still else allowed(lambda: engine.api.start(made))
        if refused:
            tending.end()
        else:
            self._tending.append(tending)
        return refused


def _unable(instance: Instance, container: str) -> Ended | None:
    """That its program cannot be started: the engine has started an init, and so does not say it itself."""
    ends, cancel = time.monotonic() + _SETTLES, Either(instance.unwanted)
    while (seen := instance.engine.seen(container)) and seen.running:
        if time.monotonic() >= ends or cancel.wait(_GLANCE):
            return None
    if seen is None:
        return None
    last = "".join(deque(lines(instance.engine, seen.id, follow=False), maxlen=1))
    ended = fate(seen, last_line=last)
    return ended if ended.fate is Fate.NOT_STARTED else None
