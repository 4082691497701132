"""A task that is added to a running pod, try by try, in containers that the cluster calls ephemeral."""

import time
from collections.abc import Iterator
from dataclasses import replace

from bot.core.group import Ended, Fate, Task
from bot.core.wire import Log
from runners._kubernetes import collector
from runners._kubernetes.api import STRATEGIC
from runners._kubernetes.attempt import gates, joining, opened
from runners._kubernetes.container import Part
from runners._kubernetes.exec import Spot
from runners._kubernetes.fate import KILLED, Clock, fate
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Kind
from runners._kubernetes.refusals import allowed
from runners._kubernetes.seen import Pod


class Joining:
    """One such task, from the moment at which it may begin."""

    def __init__(self, hold: Hold, task: Task, one: Part) -> None:
        self.task = task
        self._hold = hold
        self._part = one
        self._clock = Clock()
        self._gates = gates(task)
        self._begun: set[int] = set()
        self._refused: dict[int, Ended] = {}
        self._told: dict[int, Ended] = {}
        self._released: set[tuple[str, str]] = set()

    def logs(self, log: Log) -> Iterator[tuple[str, Log]]:
        """The containers of all tries, each with the log of the task."""
        for number in self._numbers:
            yield self._named(number), log

    def looked_at(self, pod: Pod) -> Ended | None:
        """How it ended at last; None while it is to go on, for which this sees."""
        ended: Ended | None = None
        for number in self._numbers:
            ended = self._tried(pod, number)
            if ended is None or ended.succeeded or (ended.fate is Fate.TIMED_OUT and not self._gates):
                break  # without a gate a try that takes too long cannot be ended alone, and must not meet the next one
            if number < len(self._gates):
                self._release(pod, self._gates[number - 1], self._gates[number - 1])
        return None if ended is None else replace(ended, task=self.task.name)

    def let_past(self, pod: Pod) -> None:
        """Let what waits for this task go on."""
        for gate in self._gates:
            self._release(pod, gate, opened(self.task))

    @property
    def _numbers(self) -> range:
        return range(1, self.task.restarts + 2)

    def _named(self, number: int) -> str:
        return str(joining(self.task, number, self._part)["name"])

    def _tried(self, pod: Pod, number: int) -> Ended | None:
        if number in self._told:
            return self._told[number]
        name = self._named(number)
        vessel = pod.vessel(name)
        ended = fate(vessel, limit=self.task.max_duration) or self._refused.get(number)
        if ended is None and not vessel.began and not vessel.waits:
            self._begin(pod, number)
        elif ended is None and self._clock.lasted(name, vessel, time.monotonic()) >= self.task.max_duration:
            ended = Ended(fate=Fate.TIMED_OUT, code=KILLED)
        if ended is not None:
            self._told[number] = ended
        return ended

    def _begin(self, pod: Pod, number: int) -> None:
        """Add the container of this try, once its gate stands."""
        if number in self._begun or (self._gates and not pod.vessel(self._gates[number - 1]).running):
            return
        change = {"spec": {"ephemeralContainers": [joining(self.task, number, self._part)]}}
        made = allowed(
            lambda: self._hold.patch(Kind.POD, pod.name, change, of="ephemeralcontainers", content=STRATEGIC)
        )
        self._begun.add(number)
        if isinstance(made, Ended):
            self._refused[number] = made

    def _release(self, pod: Pod, gate: str, file: str) -> None:
        """Have a gate that stands see this file, once."""
        spot = Spot(namespace=self._hold.namespace, pod=pod.name, container=gate)
        if (gate, file) in self._released or not pod.vessel(gate).running:
            return
        if collector.release(self._hold.api, spot, file):
            self._released.add((gate, file))
