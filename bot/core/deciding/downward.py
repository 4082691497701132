"""The way down: the exact reverse, with each job at its own place."""

from collections.abc import Mapping
from dataclasses import replace

from bot.core.deciding.order import Order, among, beneath, reverse
from bot.core.deciding.plan import Act, Plan, Remove, Run, Step, Stop, Wake, ids_of, step, step_ids
from bot.core.events import Want
from bot.core.model import JobEvent
from bot.core.names import Name
from bot.core.overlay import laid_over
from bot.core.standing import Standing


def halt(stands: Standing | None, *, why: str) -> Plan:
    """Services down and stop jobs run; a failed job holds nothing back."""
    acts = {} if stands is None or stands.down else _downward(stands, JobEvent.STOP)
    order = reverse(among(standing_order(stands), acts.__contains__))
    steps = tuple(step(act, after=ids_of(acts, order[name])) for name, act in acts.items())
    return Plan(want=Want.STOP, steps=steps, why=why)


def teardown(stands: Standing | None, *, why: str, force: bool) -> Plan:
    """Delete jobs run, then all removed; with `force` each step waits for those before it only, however they end."""
    acts = {} if stands is None else _downward(stands, JobEvent.DELETE)
    order = standing_order(stands)
    waking = _waking(stands, acts, order) if stands is not None and stands.down else {}
    if stands is not None and stands.down:
        acts = {name: act for name, act in acts.items() if isinstance(act, Run) or name in waking}
    backwards = reverse(among(order, acts.__contains__))
    forwards = among(order, waking.__contains__)
    first = tuple(step(act, needs=ids_of(waking, forwards[name])) for name, act in waking.items())
    awake = step_ids(first)
    then = tuple(step(act, needs=ids_of(acts, backwards[name]) | awake) for name, act in acts.items())
    steps = (*first, *then, step(Remove(), needs=step_ids(first + then)))
    return Plan(want=Want.DELETE, steps=tuple(map(_lenient, steps)) if force else steps, why=why)


def standing_order(stands: Standing | None) -> Order:
    """What is half-made is last: nothing that stands can have waited for it."""
    if stands is None:
        return {}
    order = {name: node.needs for name, node in stands.nodes.items()}
    last = _half_made(stands)
    before = frozenset(name for name in order if last.isdisjoint(beneath(order, [name])))
    return order | dict.fromkeys(last, before)


def _lenient(strict: Step) -> Step:
    return replace(strict, needs=frozenset(), after=strict.waits)


def _downward(stands: Standing, event: JobEvent) -> Mapping[Name, Act]:
    acts: dict[Name, Act] = {}
    for name, node in stands.nodes.items():
        if node.service is not None:
            acts[name] = Stop(name)
        elif event in node.pinned:
            acts[name] = Run(name, event)
    return acts | {name: Stop(name) for name in _half_made(stands)}


def _waking(stands: Standing | None, acts: Mapping[Name, Act], order: Order) -> Mapping[Name, Act]:
    needed = beneath(order, [name for name, act in acts.items() if isinstance(act, Run)])
    return {name: Wake(name) for name in acts if name in needed and isinstance(acts[name], Stop)}


def _half_made(stands: Standing) -> frozenset[Name]:
    """The services that a deploy may have begun, and did not live to remember."""
    if stands.spec is None or stands.down:
        return frozenset()
    return frozenset(laid_over(stands.spec, stands.overlay).services) - stands.nodes.keys()
