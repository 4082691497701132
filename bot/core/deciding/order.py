"""The order of services and jobs: what each waits for on the way up, and the exact reverse on the way down."""

from collections.abc import Callable, Iterable, Mapping

from bot.core.composing.variables import job_references
from bot.core.model import Service, Spec
from bot.core.names import Name

Order = Mapping[Name, frozenset[Name]]
"""Node → the nodes that it waits for directly."""


def deploy_order(spec: Spec) -> Order:
    """`needs` and outputs that are referred to; and a service that no job needs waits for every job."""
    named = {name: frozenset(node.needs) | job_references(node) for name, node in spec.nodes.items()}
    jobs = frozenset(spec.jobs)
    early = beneath(named, jobs)
    return {name: wait | jobs if _late(spec.nodes[name], name, early) else wait for name, wait in named.items()}


def beneath(order: Order, names: Iterable[Name]) -> frozenset[Name]:
    """All that these wait for, directly or not."""
    found: set[Name] = set()
    left = [need for name in names for need in order.get(name, ())]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend(order.get(name, ()))
    return frozenset(found)


def sparse(order: Order) -> Order:
    """The same order without what follows from the rest of it."""
    return {name: wait - beneath(order, wait) for name, wait in order.items()}


def reverse(order: Order) -> Order:
    """Node → the nodes that waited for it."""
    return {name: frozenset(other for other, wait in order.items() if name in wait) for name in order}


def among(order: Order, wanted: Callable[[Name], bool]) -> Order:
    """The same order over fewer nodes: where one is left out, what it waited for takes its place."""
    return {name: _nearest(order, name, wanted) for name in order if wanted(name)}


def _nearest(order: Order, name: Name, wanted: Callable[[Name], bool]) -> frozenset[Name]:
    found: set[Name] = set()
    seen: set[Name] = set()
    left = list(order[name])
    while left:
        need = left.pop()
        if need in seen or need not in order:
            continue
        seen.add(need)
        if wanted(need):
            found.add(need)
        else:
            left.extend(order[need])
    return frozenset(found)


def _late(node: object, name: Name, early: frozenset[Name]) -> bool:
    return isinstance(node, Service) and node.after_jobs and name not in early
