"""What has to be behind before a job's main may begin: its sidecars, and the tasks that run one after the other."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from bot.core.group import Ended, Fate, Task
from bot.core.model import Hook
from bot.core.names import Name
from runners._kubernetes import names, trouble
from runners._kubernetes.attempt import gates, joins, opened
from runners._kubernetes.collector import release
from runners._kubernetes.container import Part
from runners._kubernetes.exec import Spot
from runners._kubernetes.fate import Clock, fate, refused
from runners._kubernetes.hold import Hold
from runners._kubernetes.joining import Joining
from runners._kubernetes.seen import Pod

_PASSED = Ended(fate=Fate.EXITED, code=0)


class Step(Protocol):
    """One task, seen to for as long as it holds back what comes after it."""

    task: Task

    def looked_at(self, pod: Pod) -> Ended | None:
        """How it ended, or that it does not hold back any more; None while it does."""
        ...

    def let_past(self, pod: Pod) -> None:
        """Let what comes after it begin, where that waits for us."""
        ...


class InTurn:
    """A task that ends, as an init container: the pod itself goes on after it, or fails."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._clock = Clock()

    def looked_at(self, pod: Pod) -> Ended | None:
        """How it ended, or that it takes too long."""
        name = names.task(self.task.name)
        vessel = pod.vessel(name)
        ended = fate(vessel, limit=self.task.max_duration)
        if ended is None and self._clock.lasted(name, vessel, time.monotonic()) >= self.task.max_duration:
            ended = Ended(fate=Fate.TIMED_OUT)
        return replace(ended, task=self.task.name) if ended else None

    def let_past(self, pod: Pod) -> None:
        """The pod needs no word of ours."""


class Lasting:
    """A sidecar: past once it runs, or is healthy where it is asked."""

    def __init__(self, hold: Hold, task: Task) -> None:
        self.task = task
        self._hold = hold
        self._asked = task.health is not None and task.hook is Hook.PRESTART
        self._began: float | None = None
        self._verdict: Ended | None = None
        self._opened = False

    def looked_at(self, pod: Pod) -> Ended | None:
        """That it is up, or why it never will be."""
        if self._verdict is None:
            late = pod.vessel(names.OWN).began
            self._verdict = _PASSED if late else self._judged(pod)
        return replace(self._verdict, task=self.task.name) if self._verdict else None

    def let_past(self, pod: Pod) -> None:
        """Open the gate behind it, where it has one."""
        for gate in gates(self.task):
            spot = Spot(namespace=self._hold.namespace, pod=pod.name, container=gate)
            if pod.vessel(gate).running and not self._opened:
                self._opened = release(self._hold.api, spot, opened(self.task))

    def _judged(self, pod: Pod) -> Ended | None:
        vessel = pod.vessel(names.task(self.task.name))
        if never := refused(vessel):
            return never
        if not vessel.began:
            return None
        up = vessel.started if self.task.required else vessel.ready
        if up or not self._asked:
            return _PASSED
        self._began = self._began or time.monotonic()
        if time.monotonic() - self._began < self.task.max_duration:
            return None
        answer = trouble.answer(self._hold, pod.name, names.task(self.task.name))
        return Ended(fate=Fate.UNHEALTHY, detail=answer or "it has not answered yet")


def steps(hold: Hold, tasks: tuple[Task, ...], parts: Mapping[Name, Part]) -> tuple[Step, ...]:
    """One for each of these, in their order."""
    return tuple(_step(hold, task, parts) for task in tasks)


def _step(hold: Hold, task: Task, parts: Mapping[Name, Part]) -> Step:
    if task.sidecar:
        return Lasting(hold, task)
    return Joining(hold, task, parts[task.name]) if joins(task) else InTurn(task)
