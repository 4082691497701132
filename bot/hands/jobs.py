"""Runs jobs: attempt by attempt, reads what the last one left, and pins what is to run at the end."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bot.core import outputs
from bot.core.compose import job_group
from bot.core.group import Ended, Group, NoOutput, Unfit, ending
from bot.core.model import JobEvent
from bot.core.names import Name, StepId
from bot.core.order import deploy_order
from bot.core.outcome import Cancelled, Failed, Outcome, Succeeded
from bot.core.standing import Placed, Variable
from bot.core.variables import Unfilled
from bot.hands.grip import OVERTAKEN, Grip, lost, regretted
from bot.tail import Tail


def deployed(grip: Grip, step: StepId, job: Name, images: Mapping[str, str]) -> Outcome:
    """Run a job's deploy event."""
    group = job_group(job, JobEvent.DEPLOY, images, grip.around)
    if isinstance(group, Unfilled):
        return Failed(why=group.why)
    if job not in grip.ledger.present.nodes and (failed := _pin(grip, job, images)):
        return failed
    outcome = attempts(grip, step, job, group)
    if isinstance(outcome, Succeeded) and (failed := _pin(grip, job, images)):
        return failed
    return outcome


def kept(grip: Grip, job: Name, images: Mapping[str, str]) -> Outcome:
    """Remember the stop and delete runs of a job that does nothing on deploy."""
    return _pin(grip, job, images) or Succeeded()


def attempts(grip: Grip, step: StepId, job: Name, group: Group) -> Outcome:
    """Try until one attempt succeeds or none is left; then its poststop tasks, once."""
    first = grip.spent.get(step, 0)
    outcome: Outcome = Cancelled(why=OVERTAKEN)
    for attempt in range(1, group.restarts + 2):
        number = first + attempt
        last = attempt == group.restarts + 1
        outcome = grip.logged(step, partial(_attempt, grip, job, group, number, last=last), attempt=number)
        if not isinstance(outcome, Failed):
            return replace(outcome, attempts=number) if isinstance(outcome, Succeeded) else outcome
        outcome = replace(outcome, attempts=number)
        if grip.cancel.is_set():
            break
    return outcome


def _attempt(grip: Grip, job: Name, group: Group, attempt: int, log: Tail, *, last: bool) -> Outcome:
    ended = grip.runner.run(grip.home, group, attempt=attempt, log=log, cancel=grip.cancel)
    outcome = _judged(grip, job, group, ended, log)
    if isinstance(outcome, Failed) and not last and not grip.cancel.is_set():
        return outcome
    after = grip.runner.finish(grip.home, group, attempt=attempt, ending=ending(ended, group), log=log)
    why = regretted((*ended.lost, *after), group)
    return replace(outcome, why=why) if why and isinstance(outcome, Succeeded) else outcome


def _judged(grip: Grip, job: Name, group: Group, ended: Ended, log: Tail) -> Outcome:
    if not ended.succeeded:
        return lost(ended, group, log)
    found = _read(grip, job, ended)
    if isinstance(found, Unfit):
        return Failed(why=found.why, tail=log.last)
    grip.ledger.change(lambda stands: replace(stands, outputs={**stands.outputs, job: found}))
    return Succeeded()


def _read(grip: Grip, job: Name, ended: Ended) -> tuple[Variable, ...] | Unfit:
    if isinstance(ended.output, Unfit):
        return ended.output
    file = b"" if isinstance(ended.output, NoOutput) else ended.output
    spec = grip.deploy.spec.jobs.get(job) if grip.deploy else None
    return outputs.read(file, declared=spec.outputs.declare if spec else {}, secrets=grip.hidden)


def _pin(grip: Grip, job: Name, images: Mapping[str, str]) -> Failed | None:
    around = grip.around
    events = [event for event in around.spec.jobs[job].on if event is not JobEvent.DEPLOY]
    groups = {event: job_group(job, event, images, around) for event in events}
    for group in groups.values():
        if isinstance(group, Unfilled):
            return Failed(why=group.why)
    pinned: dict[JobEvent, Group] = {event: group for event, group in groups.items() if isinstance(group, Group)}
    needs = deploy_order(around.spec)[job]
    placed = Placed(name=job, needs=needs, pinned=pinned, images=images)
    grip.ledger.change(lambda stands: stands.placing(placed))
    return None
