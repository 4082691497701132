"""Makes or finds the images of a deploy."""

from bot.core.compose import build_order
from bot.core.model import Build, Container, Spec
from bot.core.names import Name, StepId
from bot.core.outcome import Cancelled, Failed, Outcome, Succeeded
from bot.core.variables import Unfilled
from bot.hands.grip import OVERTAKEN, Grip
from bot.tail import Tail
from builders.base import Built, Unbuilt


def build(grip: Grip, step: StepId, node: Name, task: Name) -> Outcome:
    """Build one container's image from the commit."""
    wanted = _container(grip.deploying.spec, node, task).build
    order = Unfilled("there is nothing to build") if wanted is None else build_order(wanted, grip.around)
    if isinstance(order, Unfilled):
        return Failed(why=order.why)
    return grip.logged(step, lambda log: _built(grip, order, log))


def pull(grip: Grip, step: StepId, node: Name, task: Name) -> Outcome:
    """Find the digest of one container's image."""
    image = _container(grip.deploying.spec, node, task).image or ""
    return grip.logged(step, lambda log: _made(grip.builder.pin(image, log=log, cancel=grip.cancel), log))


def _container(spec: Spec, node: Name, task: Name) -> Container:
    return spec.nodes[node].tasks[task] if task else spec.nodes[node]


def _built(grip: Grip, order: Build, log: Tail) -> Outcome:
    return _made(grip.builder.build(grip.deploying.commit, order, log=log, cancel=grip.cancel), log)


def _made(made: Built | Unbuilt, log: Tail) -> Outcome:
    if isinstance(made, Built):
        return Succeeded(image=made.image, why="" if made.fresh else "unchanged")
    if made.cancelled:
        return Cancelled(why=OVERTAKEN)
    why = made.why.removeprefix(f"{made.file}:{made.line}: ")
    return Failed(why=why, file=made.file, line=made.line, tail=log.last, printed=log.count)
