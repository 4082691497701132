"""Leading one attempt through its pod: heard, seen to in what it needs, judged how it ended."""

import time
from collections.abc import Iterator
from dataclasses import replace

from bot.core.group import Ended, Fate
from bot.core.model import Hook
from bot.core.wire import Cancel, Log
from runners._kubernetes import names, sentence
from runners._kubernetes.attempt import Attempt
from runners._kubernetes.fate import Clock, doubtful, fate, lost, spent, stuck
from runners._kubernetes.hold import Hold
from runners._kubernetes.joining import Joining
from runners._kubernetes.kinds import Body, Kind, name_of
from runners._kubernetes.passing import of_job, unborn, unplaced
from runners._kubernetes.port import Port
from runners._kubernetes.seen import Pod
from runners._kubernetes.steps import InTurn, Lasting, Step, steps
from runners._kubernetes.tool import COLLECTOR
from runners._kubernetes.voices import Logs, Voices
from runners._kubernetes.watch import Watch
from runners._telling import of_task

_GLANCE = 0.2
"""Seconds between two looks at a cancel; the cluster is not asked for it."""
_DYING = 60.0

Lost = tuple[Ended, ...]


class Lead:
    """One attempt, for as long as it is watched."""

    def __init__(self, hold: Hold, attempt: Attempt, job: Body, *, log: Log, cancel: Cancel) -> None:
        group = attempt.group
        parts = {task.name: attempt.part(task) for task in group.tasks}
        before = (*group.hooked(Hook.PRESTART, sidecar=True), *group.hooked(Hook.PRESTART))
        self._hold, self._job, self._group = hold, job, group
        self._unwanted = cancel if group.interruptible else None
        self._steps = steps(hold, (*before, *group.hooked(Hook.POSTSTART, sidecar=True)), parts)
        self._beside = [Joining(hold, task, parts[task.name]) for task in group.hooked(Hook.POSTSTART)]
        self._logs: Logs = dict(self._containers(log))
        lasting = frozenset(names.task(step.task.name) for step in self._steps if isinstance(step, Lasting))
        self._voices = Voices(hold.api, hold.namespace, lasting=lasting)
        self._port = None if group.port is None else Port(hold.api, hold.namespace, group.port, log)
        self._clock, self._began = Clock(), time.monotonic()
        self._under_way, self._progress = 0, self._began
        self._condemned: float | None = None

    def ended(self, pods: Watch) -> Ended:
        """Wait until it is known how the attempt ended; of an output nothing is said here."""
        while True:
            found = of_job(pods.seen.values(), self._job)
            ended = self._looked_at(found) if found else self._without_pod(pods)
            if ended is not None:
                if self._port:
                    self._port.close(found)
                return ended
            pods.changed(_GLANCE if self._unwanted else 1.0)

    def quiet(self, pods: Watch) -> None:
        """Wait until nothing runs in it any more, and hear all of it to its end."""
        ends = time.monotonic() + _DYING
        while found := of_job(pods.seen.values(), self._job):
            self._voices.listen(found, self._logs)
            if found.over or self._still(found) or time.monotonic() > ends:
                break
            pods.changed(1.0)
        self._voices.rest()

    def close(self) -> None:
        """Hear nothing more."""
        self._voices.end()

    def _still(self, pod: Pod) -> bool:
        """Whether nothing of the group runs, nor will be started again."""
        lasts = any(isinstance(step, Lasting) for step in self._steps) and pod.vessel(COLLECTOR).running
        return not lasts and not any(pod.vessel(name).running for name in self._logs)

    def _containers(self, log: Log) -> Iterator[tuple[str, Log]]:
        """Every container with its log, in the order in which they begin."""
        for step in self._steps:
            said = of_task(log, step.task.name)
            yield from step.logs(said) if isinstance(step, Joining) else [(names.task(step.task.name), said)]
        yield names.OWN, log
        for one in self._beside:
            yield from one.logs(of_task(log, one.task.name))

    def _looked_at(self, pod: Pod) -> Ended | None:
        self._voices.listen(pod, self._logs)
        if self._port:
            self._port.looked_at(pod)
        if told := sentence.pronounced(pod):
            return self._executed(pod, told)
        ended = self._judged(pod) or self._given_up(pod)
        if ended is None or ended.succeeded:
            return ended
        if self._falls(pod):
            return None if doubtful(ended, pod) else ended
        return self._condemn(pod, ended)

    def _judged(self, pod: Pod) -> Ended | None:
        """How it ended, or has to end, by what is to be seen of it."""
        before = self._before(pod)
        if before is None or isinstance(before, Ended):
            return before
        vessel = pod.vessel(names.OWN)
        own = fate(vessel, limit=self._group.max_duration)
        if own is None and self._clock.lasted(names.OWN, vessel, time.monotonic()) >= self._group.max_duration:
            own = Ended(fate=Fate.TIMED_OUT)
        if own is not None and not own.succeeded:
            return replace(lost(pod) or own, lost=before)
        ends = [(one.task, one.looked_at(pod)) for one in self._beside] if vessel.began else []
        failures = [(task, ended) for task, ended in ends if ended and not ended.succeeded]
        if vital := next((ended for task, ended in failures if task.required), None):
            return replace(vital, lost=before)
        if own is None or any(ended is None for _, ended in ends):
            return None
        return replace(own, lost=(*before, *(ended for _, ended in failures)))

    def _before(self, pod: Pod) -> Lost | Ended | None:
        """The failures before the main that do not matter, or the one that does; None while something is to come."""
        failures: Lost = ()
        for step in self._steps:
            ended = step.looked_at(pod)
            if ended is None:
                return None
            if not ended.succeeded and _matters(step, ended):
                return replace(ended, lost=failures)
            failures = failures if ended.succeeded else (*failures, ended)
            step.let_past(pod)
        return failures

    def _given_up(self, pod: Pod) -> Ended | None:
        if self._unwanted and self._unwanted.is_set():
            return Ended(fate=Fate.CANCELLED)
        began = sum(vessel.began for vessel in pod.vessels.values())
        if began > self._under_way:
            self._under_way, self._progress = began, time.monotonic()
        waited = time.monotonic() - self._progress
        late = unplaced(self._hold, pod, waited=waited) if not began else None
        if began and waited > self._hold.terms.pending:
            late = stuck(pod)
        return lost(pod) or spent(pod) or late

    def _falls(self, pod: Pod) -> bool:
        """Whether the pod ends by itself, for what has ended in it."""
        turns = [names.OWN, *(names.task(step.task.name) for step in self._steps if isinstance(step, InTurn))]
        ends = [pod.vessel(name).ended for name in turns]
        return pod.over or any(end and end.code for end in ends)

    def _condemn(self, pod: Pod, ended: Ended) -> Ended | None:
        """Have the pod end; what runs in it is waited for."""
        if not sentence.placed(pod):
            self._hold.delete(Kind.JOB, name_of(self._job))
            return ended
        sentence.pronounce(self._hold, pod, ended)
        return ended if ended.fate is Fate.NOT_STARTED and not self._group.tasks else None

    def _executed(self, pod: Pod, told: Ended) -> Ended | None:
        """The end that was decided on, once it has come."""
        self._condemned = self._condemned or time.monotonic()
        runs = any(vessel.running for vessel in pod.vessels.values())
        if (runs or not pod.over) and time.monotonic() - self._condemned < _DYING:
            return None
        end = pod.vessel(names.task(told.task) if told.task else names.OWN).ended
        return told if told.code is not None or end is None else replace(told, code=end.code)

    def _without_pod(self, pods: Watch) -> Ended | None:
        last = of_job(pods.gone.values(), self._job)
        own = fate(last.vessel(names.OWN)) if last else None
        return own or unborn(self._hold, self._job, waited=time.monotonic() - self._began)


def _matters(step: Step, ended: Ended) -> bool:
    """Whether the main cannot begin for it; behind a sidecar that cannot start the cluster begins nothing."""
    return step.task.required or (step.task.sidecar and ended.fate is Fate.NOT_STARTED)
