"""Does one step of a plan with the builder and the runner, and remembers with the environment what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

from bot.core import outputs
from bot.core.compose import Surroundings, build_order, job_group, service_group
from bot.core.decide import step_id
from bot.core.events import Pull
from bot.core.group import Ended, Fate, Group, Home, Leftovers, NoOutput, Unfit, Up
from bot.core.masking import Masker
from bot.core.model import Build as BuildSpec
from bot.core.model import JobEvent, Spec
from bot.core.names import Name, StepId
from bot.core.order import deploy_order
from bot.core.outcome import Cancelled, Failed, Outcome, Succeeded
from bot.core.plan import Act, Build, Discard, Keep, Remove, Run, Start, Step, Stop, Wake
from bot.core.plan import Pull as PullImage
from bot.core.reasons import reason
from bot.core.standing import Placed, Variable
from bot.core.variables import Unfilled
from bot.core.wire import Cancel
from bot.ledger import Ledger
from bot.tail import Book, Tail
from builders.base import Builder, Built, Commit, Unbuilt
from runners.base import Runner


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """What a deploy has that a stop or a delete does not need."""

    spec: Spec
    pull: Pull
    commit: Commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """One turn's grip on the world."""

    home: Home
    runner: Runner
    builder: Builder
    ledger: Ledger
    deploy: Deploy | None
    book: Callable[[StepId, int], Book]
    secrets: tuple[str, ...]
    cancel: Cancel
    spent: Mapping[StepId, int]
    """Attempts that earlier tries of the same step have used up, so that each has a number of its own."""

    def do(self, step: Step, outcomes: Mapping[StepId, Outcome]) -> Outcome:
        """Carry the step out; to do it again after a crash is the same as doing it once."""
        match step.act:
            case Build(node):
                return self._build(step.id, node)
            case PullImage(node):
                return self._pull(step.id, node)
            case Run(job, JobEvent.DEPLOY):
                return self._deploy_job(step.id, job, outcomes)
            case Run(job, event):
                return self._attempts(step.id, job, self.ledger.present.nodes[job].pinned[event])
            case Keep(job):
                return self._keep(job, outcomes)
            case Start(service):
                return self._start(step.id, service, outcomes)
            case Wake(service):
                return self._wake(step.id, service)
            case Stop() | Discard() | Remove():
                return self._take_away(step.act)
            case _:
                assert_never(step.act)

    def _take_away(self, act: Stop | Discard | Remove) -> Outcome:
        match act:
            case Stop(service):
                self.runner.stop(self.home, service)
            case Discard(service):
                self.runner.discard(self.home, service)
                self.ledger.change(lambda stands: stands.without(service))
            case Remove():
                return _removed(self.runner.remove(self.home))
        return Succeeded()

    @property
    def _deploying(self) -> Deploy:
        if self.deploy is None:
            raise LookupError("only a deploy has a commit")
        return self.deploy

    @property
    def _around(self) -> Surroundings:
        return Surroundings(spec=self._deploying.spec, pull=self._deploying.pull, stands=self.ledger.present)

    def _build(self, step: StepId, node: Name) -> Outcome:
        wanted = self._deploying.spec.nodes[node].build
        order = Unfilled("there is nothing to build") if wanted is None else build_order(wanted, self._around)
        if isinstance(order, Unfilled):
            return Failed(why=order.why)
        return self._logged(step, lambda log: self._made(order, log))

    def _made(self, order: BuildSpec, log: Tail) -> Outcome:
        return _image(self.builder.build(self._deploying.commit, order, log=log, cancel=self.cancel), log)

    def _pull(self, step: StepId, node: Name) -> Outcome:
        image = self._deploying.spec.nodes[node].image or ""
        return self._logged(step, lambda log: _image(self.builder.pin(image, log=log, cancel=self.cancel), log))

    def _deploy_job(self, step: StepId, job: Name, outcomes: Mapping[StepId, Outcome]) -> Outcome:
        image = self._image_of(job, outcomes)
        group = job_group(job, JobEvent.DEPLOY, image, self._around)
        if isinstance(group, Unfilled):
            return Failed(why=group.why)
        if job not in self.ledger.present.nodes and (failed := self._pin(job, image)):
            return failed
        outcome = self._attempts(step, job, group)
        if isinstance(outcome, Succeeded) and (failed := self._pin(job, image)):
            return failed
        return outcome

    def _keep(self, job: Name, outcomes: Mapping[StepId, Outcome]) -> Outcome:
        return self._pin(job, self._image_of(job, outcomes)) or Succeeded()

    def _pin(self, job: Name, image: str) -> Failed | None:
        around = self._around
        events = [event for event in around.spec.jobs[job].on if event is not JobEvent.DEPLOY]
        groups = {event: job_group(job, event, image, around) for event in events}
        for group in groups.values():
            if isinstance(group, Unfilled):
                return Failed(why=group.why)
        pinned: dict[JobEvent, Group] = {event: group for event, group in groups.items() if isinstance(group, Group)}
        needs = deploy_order(around.spec)[job]
        self.ledger.change(lambda stands: stands.placing(Placed(name=job, needs=needs, pinned=pinned)))
        return None

    def _attempts(self, step: StepId, job: Name, group: Group) -> Outcome:
        first = self.spent.get(step, 0)
        outcome: Outcome = Cancelled(why="a newer wish took over")
        for attempt in range(1, group.restarts + 2):
            number = first + attempt
            outcome = self._logged(step, partial(self._attempt, job, group, number), attempt=number)
            if not isinstance(outcome, Failed):
                return replace(outcome, attempts=number) if isinstance(outcome, Succeeded) else outcome
            outcome = replace(outcome, attempts=number)
            if self.cancel.is_set():
                break
        return outcome

    def _attempt(self, job: Name, group: Group, attempt: int, log: Tail) -> Outcome:
        ended = self.runner.run(self.home, group, attempt=attempt, log=log, cancel=self.cancel)
        if not ended.succeeded:
            return _lost(ended, group, log)
        found = self._read(job, ended)
        if isinstance(found, Unfit):
            return Failed(why=found.why, tail=log.last)
        self.ledger.change(lambda stands: replace(stands, outputs={**stands.outputs, job: found}))
        return Succeeded()

    def _read(self, job: Name, ended: Ended) -> tuple[Variable, ...] | Unfit:
        if isinstance(ended.output, Unfit):
            return ended.output
        file = b"" if isinstance(ended.output, NoOutput) else ended.output
        spec = self.deploy.spec.jobs.get(job) if self.deploy else None
        return outputs.read(file, declared=spec.outputs.declare if spec else {}, secrets=self.secrets)

    def _start(self, step: StepId, service: Name, outcomes: Mapping[StepId, Outcome]) -> Outcome:
        group = service_group(service, self._image_of(service, outcomes), self._around)
        if isinstance(group, Unfilled):
            return Failed(why=group.why)
        outcome = self._logged(step, lambda log: self._up(group, log))
        if isinstance(outcome, Succeeded):
            needs = deploy_order(self._deploying.spec)[service]
            self.ledger.change(lambda stands: stands.placing(Placed(name=service, needs=needs, service=group)))
        return outcome

    def _wake(self, step: StepId, service: Name) -> Outcome:
        group = self.ledger.present.nodes[service].service
        return Succeeded() if group is None else self._logged(step, lambda log: self._up(group, log))

    def _up(self, group: Group, log: Tail) -> Outcome:
        match self.runner.start(self.home, group, log=log, cancel=self.cancel):
            case Up(changed=changed):
                return Succeeded(why="" if changed else "unchanged")
            case ended:
                return _lost(ended, group, log)

    def _image_of(self, node: Name, outcomes: Mapping[StepId, Outcome]) -> str:
        act: Act = Build(node) if self._deploying.spec.nodes[node].build else PullImage(node)
        outcome = outcomes[step_id(act)]
        return outcome.image if isinstance(outcome, Succeeded) else ""

    def _logged(self, step: StepId, act: Callable[[Tail], Outcome], *, attempt: int = 1) -> Outcome:
        book = self.book(step, attempt)
        try:
            return act(Tail(book, self._masker()))
        finally:
            book.close()

    def _masker(self) -> Masker:
        stands = self.ledger.standing
        outputs = stands.outputs.values() if stands else ()
        hidden = (each.value for variables in outputs for each in variables if each.sensitive)
        return Masker((*self.secrets, *hidden))


def _image(made: Built | Unbuilt, log: Tail) -> Outcome:
    if isinstance(made, Built):
        return Succeeded(image=made.image, why="" if made.fresh else "unchanged")
    if made.cancelled:
        return Cancelled(why="a newer wish took over")
    why = made.why.removeprefix(f"{made.file}:{made.line}: ")
    return Failed(why=why, file=made.file, line=made.line, tail=log.last)


def _lost(ended: Ended, group: Group, log: Tail) -> Outcome:
    if ended.fate is Fate.CANCELLED:
        return Cancelled(why="a newer wish took over")
    return Failed(why=reason(ended, group), tail=log.last)


def _removed(left: Leftovers) -> Outcome:
    if not left.objects:
        return Succeeded()
    return Failed(why=f"could not be removed: {', '.join(left.objects)}")
