"""Does what a person asked of an environment beside its state."""

from dataclasses import replace

from bot.core.composing.compose import job_group, service_group
from bot.core.composing.variables import Unfilled
from bot.core.deciding.outcome import Failed, Outcome, Succeeded
from bot.core.group import Group
from bot.core.model import JobEvent, Service
from bot.core.names import Name, StepId
from bot.core.overlay import Overlay
from bot.core.standing import Standing
from bot.hands import jobs, services
from bot.hands.attempts import attempts
from bot.hands.grip import Grip


def forgotten(grip: Grip) -> Outcome:
    """Let every job run again as if it never had."""
    grip.ledger.change(_without_successes)
    return Succeeded()


def forced(grip: Grip, step: StepId, job: Name, event: JobEvent) -> Outcome:
    """Run exactly this event of a job, and say which services now have older values than they name."""
    placed = grip.ledger.present.nodes[job]
    group = placed.pinned.get(event) or job_group(job, event, placed.images, grip.around)
    if isinstance(group, Unfilled):
        return Failed(why=group.why)
    outcome = attempts(grip, step, group, placed.expects)
    if isinstance(outcome, Succeeded) and event is JobEvent.DEPLOY:
        jobs.repinned(grip, job, placed)
    stale = _stale(grip)
    if not isinstance(outcome, Succeeded) or not stale:
        return outcome
    said = f"{', '.join(stale)} {'keeps' if len(stale) == 1 else 'keep'} the values of before until the next deploy"
    return replace(outcome, why="; ".join(part for part in (outcome.why, said) if part))


def adopted(grip: Grip, step: StepId, name: Name) -> Outcome:
    """Bring a clone up; one that does not come up is not kept."""
    clone = grip.ledger.present.overlay.clones[name]
    if not all(grip.builder.hold(image, grip.home.environment) for image in clone.images.values()):
        grip.ledger.change(lambda stands: _without(stands, name))
        return Failed(why=f"the image of {clone.origin} is no longer there; deploy that environment, then clone again")
    if isinstance(clone.node, Service):
        outcome = services.started(grip, step, name, clone.images)
    elif JobEvent.DEPLOY in clone.node.on:
        outcome = jobs.deployed(grip, step, name, clone.images)
    else:
        outcome = jobs.kept(grip, name, clone.images)
    if isinstance(outcome, Failed):
        grip.ledger.change(lambda stands: _without(stands, name))
    return outcome


def dropped(grip: Grip, step: StepId, name: Name) -> Outcome:
    """Delete a service or job from this environment for good; volumes stay until the environment goes."""
    outcome = services.discarded(grip, step, name)
    grip.ledger.change(lambda stands: _without(stands, name))
    return outcome


def _without_successes(stands: Standing) -> Standing:
    return replace(stands, nodes={name: replace(node, inputs="") for name, node in stands.nodes.items()})


def _without(stands: Standing, name: Name) -> Standing:
    clones = {other: clone for other, clone in stands.overlay.clones.items() if other != name}
    spec = stands.spec.nodes if stands.spec else {}
    deleted = stands.overlay.deleted | ({name} if name in spec else set())
    outputs = {job: variables for job, variables in stands.outputs.items() if job != name}
    overlay = Overlay(clones=clones, deleted=frozenset(deleted))
    return replace(stands.without(name), overlay=overlay, outputs=outputs)


def _stale(grip: Grip) -> list[Name]:
    """The services that would be redeployed now, because a value that they name has changed."""
    around = grip.around
    placed = {name: node for name, node in grip.ledger.present.nodes.items() if node.service is not None}
    there = {name: node for name, node in placed.items() if name in around.spec.services}
    fresh = {name: service_group(name, node.images, around) for name, node in there.items()}
    return sorted(name for name, group in fresh.items() if _moved(group, there[name].service))


def _moved(fresh: Group | Unfilled, serving: Group | None) -> bool:
    return isinstance(fresh, Group) and serving is not None and fresh.version != serving.version
