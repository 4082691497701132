"""Each act of a plan to the room that does it."""

from collections.abc import Mapping
from typing import assert_never

from bot.core.model import JobEvent
from bot.core.names import StepId
from bot.core.outcome import Outcome
from bot.core.plan import Build, Discard, Empty, Keep, Pull, Remove, Run, Start, Step, Stop, Wake
from bot.hands import images, jobs, services
from bot.hands.grip import Grip


class Hands:
    """Carries steps out; to do one again after a crash is the same as doing it once."""

    def __init__(self, grip: Grip) -> None:
        self._grip = grip

    def do(self, step: Step, outcomes: Mapping[StepId, Outcome]) -> Outcome:
        """Carry the step out, given how those before it ended."""
        match step.act:
            case Build() | Pull() | Keep() | Start() | Run(event=JobEvent.DEPLOY):
                return self._deploy(step.id, step.act, outcomes)
            case Run(job, event):
                pinned = self._grip.ledger.present.nodes[job].pinned[event]
                return jobs.attempts(self._grip, step.id, job, pinned)
            case Wake(service):
                return services.woken(self._grip, step.id, service)
            case Stop() | Empty() | Discard() | Remove():
                return self._take_away(step.id, step.act)
            case _:
                assert_never(step.act)

    def _deploy(
        self, step: StepId, act: Build | Pull | Keep | Start | Run, outcomes: Mapping[StepId, Outcome]
    ) -> Outcome:
        grip = self._grip
        match act:
            case Build(node, task):
                return images.build(grip, step, node, task)
            case Pull(node, task):
                return images.pull(grip, step, node, task)
            case Run(job):
                return jobs.deployed(grip, step, job, grip.images(job, outcomes))
            case Keep(job):
                return jobs.kept(grip, job, grip.images(job, outcomes))
            case Start(service):
                return services.started(grip, step, service, grip.images(service, outcomes))

    def _take_away(self, step: StepId, act: Stop | Empty | Discard | Remove) -> Outcome:
        match act:
            case Stop(service):
                return services.stopped(self._grip, step, service)
            case Empty(service):
                return services.emptied(self._grip, service)
            case Discard(service):
                return services.discarded(self._grip, step, service)
            case Remove():
                return services.removed(self._grip, step)
