"""Each act of a plan to the room that does it."""

from collections.abc import Mapping
from typing import assert_never

from bot.core.deciding.outcome import Outcome, cleaned
from bot.core.deciding.plan import Build, Discard, Empty, Forget, Keep, Pull, Remove, Run, Start, Step, Stop, Wake
from bot.core.errand import Adopt, Drop, Force
from bot.core.model import JobEvent
from bot.core.names import StepId
from bot.hands import by_hand, images, jobs, services
from bot.hands.grip import Grip


class Hands:
    """Carries steps out; to do one again after a crash is the same as doing it once."""

    def __init__(self, grip: Grip) -> None:
        self._grip = grip

    def do(self, step: Step, outcomes: Mapping[StepId, Outcome]) -> Outcome:
        """Carry the step out, given how those before it ended."""
        return cleaned(self._done(step, outcomes), self._grip.masks)

    def _done(self, step: Step, outcomes: Mapping[StepId, Outcome]) -> Outcome:
        match step.act:
            case Build() | Pull() | Keep() | Start() | Run(event=JobEvent.DEPLOY):
                return self._deploy(step.id, step.act, outcomes)
            case Run(job, event):
                return jobs.pinned(self._grip, step.id, job, event)
            case Wake(service):
                return services.woken(self._grip, step.id, service)
            case Stop() | Empty() | Discard() | Remove():
                return self._take_away(step.id, step.act)
            case Forget() | Force() | Adopt() | Drop():
                return self._by_hand(step.id, step.act)
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

    def _by_hand(self, step: StepId, act: Forget | Force | Adopt | Drop) -> Outcome:
        match act:
            case Forget():
                return by_hand.forgotten(self._grip)
            case Force(job=job, event=event):
                return by_hand.forced(self._grip, step, job, event)
            case Adopt(name=name):
                return by_hand.adopted(self._grip, step, name)
            case Drop(name=name):
                return by_hand.dropped(self._grip, step, name)
