"""Makes or finds the images of a deploy."""

from collections.abc import Callable

from bot.core.composing.compose import build_order
from bot.core.composing.variables import Unfilled
from bot.core.deciding.outcome import Cancelled, Failed, Outcome, Succeeded
from bot.core.model import Build, Container, Spec
from bot.core.names import Name, StepId
from bot.core.telling.reasons import full
from bot.core.units import seconds
from bot.hands.grip import OVERTAKEN, Grip
from bot.tail import Tail
from builders.base import Built, Unbuilt


def build(grip: Grip, step: StepId, node: Name, task: Name) -> Outcome:
    """Build one container's image from the commit, or from where the build says."""
    wanted = _container(grip.deploying.spec, node, task).build
    order = Unfilled("there is nothing to build") if wanted is None else build_order(wanted, grip.around)
    if isinstance(order, Unfilled):
        return Failed(why=order.why)
    return grip.logged(step, lambda log: _built(grip, order, log))


def pull(grip: Grip, step: StepId, node: Name, task: Name) -> Outcome:
    """Find the digest of one container's image, waiting for it where the spec says so."""
    container = _container(grip.deploying.spec, node, task)
    image, wait = container.image or "", seconds(container.wait) if container.wait else 0.0

    def pin(log: Tail) -> Built | Unbuilt:
        return grip.builder.pin(image, wait=wait, log=log, cancel=grip.cancel)

    return grip.logged(step, lambda log: _made(_held(grip, pin, log), log))


def _held(grip: Grip, make: Callable[[Tail], Built | Unbuilt], log: Tail) -> Built | Unbuilt:
    """Make it until it is there to be held: another environment's end may take an image away that nobody held yet."""
    while True:
        made = make(log)
        if isinstance(made, Unbuilt) or grip.builder.hold(made.image, grip.home.environment):
            return made


def _container(spec: Spec, node: Name, task: Name) -> Container:
    return spec.nodes[node].tasks[task] if task else spec.nodes[node]


def _built(grip: Grip, order: Build, log: Tail) -> Outcome:
    given = grip.around.given_secrets
    missing = [name for name in order.secrets if name not in given]
    if missing:
        return Failed(why=f"the build's secret {missing[0]} is not given; `matinee secrets set` gives it")
    commit = grip.elsewhere(order) if order.elsewhere else grip.deploying.commit
    if isinstance(commit, Unbuilt):
        return _made(commit, log)
    secrets = {name: given[name] for name in order.secrets}

    def build(log: Tail) -> Built | Unbuilt:
        return grip.builder.build(commit, order, secrets=secrets, log=log, cancel=grip.cancel)

    made = _held(grip, build, log)
    return _made(_abroad(order, made) if order.elsewhere else made, log)


def _abroad(order: Build, made: Built | Unbuilt) -> Built | Unbuilt:
    """What failed in files that are not the pull's: told with where they are, and at no line of the pull's own."""
    if isinstance(made, Built) or made.cancelled:
        return made
    where = " at ".join(each for each in (order.repository, order.ref) if each)
    place = made.file if made.line is None else f"{made.file}:{made.line}"
    why = made.why if made.why.startswith(made.file) else f"{place}: {made.why}"
    return Unbuilt(why=f"{where}: {why}")


def _made(made: Built | Unbuilt, log: Tail) -> Outcome:
    if isinstance(made, Built):
        return Succeeded(image=made.image, why="" if made.fresh else "unchanged")
    if made.cancelled:
        return Cancelled(why=OVERTAKEN)
    why = made.why.removeprefix(f"{made.file}:{made.line}: ").removeprefix(f"{made.file}: ")
    return Failed(why=f"{why}{full(log.last)}", file=made.file, line=made.line, tail=log.last, printed=log.count)
