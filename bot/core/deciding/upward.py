"""The way up: images, services and jobs in their order, then away with what the spec dropped."""

from bot.core.deciding.downward import standing_order
from bot.core.deciding.order import Order, among, deploy_order, reverse
from bot.core.deciding.plan import (
    Act,
    Build,
    Discard,
    Empty,
    Forget,
    Keep,
    Plan,
    Run,
    Start,
    Step,
    Stop,
    ids_of,
    step,
    step_id,
    step_ids,
)
from bot.core.deciding.plan import Pull as PullImage
from bot.core.errand import Errand, Reset
from bot.core.events import Want
from bot.core.model import Job, JobEvent, Service, Spec
from bot.core.names import Name, StepId
from bot.core.standing import Standing


def deployment(spec: Spec, stands: Standing | None, *, why: str, reset: Errand | None = None) -> Plan:
    """Images first, side by side; then services and jobs in their order; then away with what the spec dropped."""
    order = deploy_order(spec)
    cloned = stands.overlay.clones if stands else {}
    images = {name: () if name in cloned else _images(name, node) for name, node in spec.nodes.items()}
    made = tuple(each for steps in images.values() for each in steps)
    before = resetting(reset, stands, after=step_ids(made)) if stands and isinstance(reset, Reset) else ()
    first = {name: step_ids(images[name]) | step_ids(before) for name in spec.nodes}
    nodes = tuple(_node(name, node, order, spec, first[name]) for name, node in spec.nodes.items())
    up = step_ids(nodes)
    gone = tuple(step(Discard(name), needs=up, why="the spec no longer names it") for name in _dropped(spec, stands))
    return Plan(want=Want.DEPLOY, steps=made + before + nodes + gone, why=why)


def resetting(reset: Reset, stands: Standing, *, after: frozenset[StepId]) -> tuple[Step, ...]:
    """Once all images are there: the services down in reverse order, emptied, and what ran once forgotten."""
    up = {name: node for name, node in stands.nodes.items() if node.service is not None}
    wanted = {name: Stop(name) for name in up if name in reset.services or not reset.services}
    order = reverse(among(standing_order(stands), wanted.__contains__))
    stops = tuple(step(act, needs=ids_of(wanted, order[name]) | after) for name, act in wanted.items())
    emptied = tuple(step(Empty(name), needs=ids_of(wanted, [name])) for name in wanted)
    return (*stops, *emptied, step(Forget(), needs=after))


def _dropped(spec: Spec, stands: Standing | None) -> tuple[Name, ...]:
    nodes = {} if stands is None else stands.nodes
    return tuple(name for name, node in nodes.items() if node.service is not None and name not in spec.nodes)


def _images(name: Name, node: Service | Job) -> tuple[Step, ...]:
    """One step for each container of the group."""
    containers = node.containers.items()
    return tuple(step(Build(name, task) if each.build else PullImage(name, task)) for task, each in containers)


def _node(name: Name, node: Service | Job, order: Order, spec: Spec, first: frozenset[StepId]) -> Step:
    before = frozenset(step_id(_main_act(need, spec.nodes[need])) for need in order[name])
    return step(_main_act(name, node), needs=before | first)


def _main_act(name: Name, node: Service | Job) -> Act:
    if isinstance(node, Service):
        return Start(name)
    return Run(name, JobEvent.DEPLOY) if JobEvent.DEPLOY in node.on else Keep(name)
