"""Runs jobs where a deploy has to, and pins with the environment what is to run at its stop and its end."""

from collections.abc import Mapping
from dataclasses import replace

from bot.core.composing.compose import job_runs
from bot.core.composing.variables import Unfilled
from bot.core.deciding.order import deploy_order
from bot.core.deciding.outcome import Failed, Outcome, Succeeded
from bot.core.deciding.rerun import counted, fingerprint, ingredients, needless, reason
from bot.core.group import Group
from bot.core.model import JobEvent
from bot.core.names import Name, StepId
from bot.core.standing import Placed
from bot.hands.attempts import attempts
from bot.hands.grip import Grip

_Runs = Mapping[JobEvent, Group]


def deployed(grip: Grip, step: StepId, job: Name, images: Mapping[str, str]) -> Outcome:
    """Run a job's deploy event, unless it need not run again."""
    runs = job_runs(job, images, grip.around)
    if isinstance(runs, Unfilled):
        return Failed(why=runs.why)
    before, spec = grip.ledger.present.nodes.get(job), grip.around.spec.jobs[job]
    trigger, group = spec.on[JobEvent.DEPLOY], runs[JobEvent.DEPLOY]
    parts = ingredients(group, _files(grip, trigger.paths))
    if before and (why := needless(trigger, before, fingerprint(parts))):
        _pin(grip, job, images, runs, before.ingredients)
        return Succeeded(why=why, needless=True)
    if before is None:
        _pin(grip, job, images, runs, {})
    outcome = attempts(grip, step, group, spec.outputs)
    if not isinstance(outcome, Succeeded):
        return outcome
    # Anew, for its stop and delete runs are told of what this very run has left.
    anew = job_runs(job, images, grip.around)
    _pin(grip, job, images, runs if isinstance(anew, Unfilled) else anew, parts)
    return replace(outcome, why=outcome.why or reason(trigger, before, parts))


def kept(grip: Grip, job: Name, images: Mapping[str, str]) -> Outcome:
    """Remember the stop and delete runs of a job that does nothing on deploy."""
    runs = job_runs(job, images, grip.around)
    if isinstance(runs, Unfilled):
        return Failed(why=runs.why)
    _pin(grip, job, images, runs, {})
    return Succeeded()


def repinned(grip: Grip, job: Name, before: Placed) -> None:
    """Remember a deploy run by hand that ended well: for `run: once`, and for its stop and delete runs."""
    runs = job_runs(job, before.images, grip.around)
    if not isinstance(runs, Unfilled):
        _pin(grip, job, before.images, runs, before.ingredients or ingredients(runs[JobEvent.DEPLOY], {}))


def pinned(grip: Grip, step: StepId, job: Name, event: JobEvent) -> Outcome:
    """Run a job's stop or delete event as it was pinned."""
    placed = grip.ledger.present.nodes[job]
    return attempts(grip, step, placed.pinned[event], placed.expects)


def _files(grip: Grip, globs: tuple[str, ...]) -> Mapping[str, str]:
    """The files that count as inputs, by what is in them."""
    if not globs or grip.deploy is None:
        return {}
    return counted(grip.deploying.commit.tree(), globs)


def _pin(grip: Grip, job: Name, images: Mapping[str, str], runs: _Runs, parts: Mapping[str, str]) -> None:
    spec = grip.around.spec
    placed = Placed(
        name=job,
        needs=deploy_order(spec)[job],
        pinned={event: group for event, group in runs.items() if event is not JobEvent.DEPLOY},
        images=images,
        expects=spec.jobs[job].outputs,
        inputs=fingerprint(parts) if parts else "",
        ingredients=parts,
    )
    grip.place(placed)
