"""Brings services up and takes them down."""

from collections.abc import Mapping
from dataclasses import replace

from bot.core.composing.compose import service_group
from bot.core.composing.variables import Unfilled
from bot.core.deciding.difference import changes, listed
from bot.core.deciding.order import deploy_order
from bot.core.deciding.outcome import Failed, Outcome, Succeeded
from bot.core.group import Ended, Group, Leftovers, Up
from bot.core.names import Name, StepId
from bot.core.standing import Placed
from bot.hands.grip import Grip, lost, regretted
from bot.tail import Tail


def started(grip: Grip, step: StepId, service: Name, images: Mapping[str, str]) -> Outcome:
    """Bring a service up as the spec has it, and remember what was brought up."""
    group = service_group(service, images, grip.around)
    if isinstance(group, Unfilled):
        return Failed(why=group.why)
    before = grip.ledger.present.nodes.get(service)
    outcome = grip.logged(step, lambda log: _up(grip, group, log))
    if isinstance(outcome, Succeeded):
        outcome = _explained(outcome, before.service if before else None, group)
        needs = deploy_order(grip.around.spec)[service]
        placed = Placed(name=service, needs=needs, service=group, images=images)
        grip.place(placed)
    return _ended_before(outcome, group) if before else outcome


def woken(grip: Grip, step: StepId, service: Name) -> Outcome:
    """Bring a stopped service up again, as it stood."""
    group = grip.ledger.present.nodes[service].service
    return Succeeded() if group is None else grip.logged(step, lambda log: _up(grip, group, log))


def stopped(grip: Grip, step: StepId, service: Name) -> Outcome:
    """Take a service down, keeping its volumes."""
    return grip.logged(step, lambda log: _regretting(grip, service, grip.runner.stop(grip.home, service, log=log)))


def emptied(grip: Grip, service: Name) -> Outcome:
    """Throw away what is in the volumes of a service that is down."""
    grip.runner.empty(grip.home, service)
    return Succeeded()


def discarded(grip: Grip, step: StepId, service: Name) -> Outcome:
    """Take a service away that the spec no longer names."""
    outcome = grip.logged(
        step, lambda log: _regretting(grip, service, grip.runner.discard(grip.home, service, log=log))
    )
    grip.ledger.change(lambda stands: stands.without(service))
    return outcome


def removed(grip: Grip, step: StepId) -> Outcome:
    """Remove the environment with everything in it."""
    outcome = grip.logged(step, lambda log: _gone(grip.runner.remove(grip.home, log=log)))
    if isinstance(outcome, Succeeded):
        grip.builder.release(grip.home.environment, frozenset())
    return outcome


def _up(grip: Grip, group: Group, log: Tail) -> Outcome:
    match grip.runner.start(grip.home, group, log=log, cancel=grip.cancel):
        case Up(changed=changed, lost=tasks):
            return Succeeded(why=regretted(tasks, group) or ("" if changed else "unchanged"))
        case ended:
            return lost(ended, group, log)


def _ended_before(outcome: Outcome, group: Group) -> Outcome:
    """With what became of the version before, where it had to end first and this one did not come up."""
    if not isinstance(outcome, Failed) or not group.volumes:
        return outcome
    said = "what served before is down too, for a service with volumes is recreated"
    return replace(outcome, why=f"{outcome.why}; {said}")


def _explained(outcome: Succeeded, before: Group | None, group: Group) -> Succeeded:
    """With what made it start anew, where it did and nothing else is to be said."""
    found = changes(before, group) if before else ()
    return replace(outcome, why=f"restarted for {listed(found)}") if found and not outcome.why else outcome


def _regretting(grip: Grip, service: Name, ended: tuple[Ended, ...]) -> Outcome:
    placed = grip.ledger.present.nodes.get(service)
    return Succeeded(why=regretted(ended, placed.service if placed else None))


def _gone(left: Leftovers) -> Outcome:
    if not left.objects:
        return Succeeded()
    return Failed(why=f"could not be removed: {', '.join(left.objects)}")
