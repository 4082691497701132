"""The sidecars of a group: started again by the engine whenever they end, until the group ends."""

from dataclasses import replace
from typing import Self

from bot.core.group import Ended, Task
from runners._docker_candidate import Candidate, healthy
from runners._docker_engine import Seen, allowed
from runners._docker_group import Instance, ready
from runners._docker_names import Role
from runners._docker_recipe import FOR_EVER
from runners._docker_stream import Tending
from runners._telling import of_task


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
