"""The whole of the product's judgement: a situation in, a plan out, or why there is none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.core.composing.variables import listed, secret_references
from bot.core.deciding.by_hand import Impossible, errand_plan, unknown_services
from bot.core.deciding.order import Order, among, beneath, deploy_order, reverse
from bot.core.deciding.plan import (
    Act,
    Build,
    Discard,
    Empty,
    Forget,
    Keep,
    Plan,
    Remove,
    Run,
    Start,
    Step,
    Stop,
    Wake,
    step,
    step_id,
)
from bot.core.deciding.plan import Pull as PullImage
from bot.core.errand import Errand, Reset
from bot.core.events import Pull, Want, Wish
from bot.core.model import Job, JobEvent, Service, Spec
from bot.core.names import Name, StepId
from bot.core.overlay import laid_over
from bot.core.reading.spec import Unreadable
from bot.core.report import Problem
from bot.core.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a decision may depend on, read fresh from the forge and the runner."""

    wish: Wish
    pull: Pull | None
    """None: the forge shows none."""
    spec: Spec | Unreadable | None
    """None where nothing needs it: a closed pull, a stop."""
    stands: Standing | None
    secrets: frozenset[str] = frozenset()
    """The names of the secrets that the operator gave for this pull."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nothing is done, for this reason; `problems` where it is the spec."""

    why: str
    problems: tuple[Problem, ...] = ()


def refusal(pull: Pull) -> Refused | None:
    """Why a pull may not be deployed, whatever it contains; asked before anything of it is fetched."""
    if pull.fork:
        return Refused(why="the pull comes from a fork; this bot deploys only branches of the repository itself")
    return None


def decide(at: Situation) -> Plan | Refused:
    """One rule a line, the first that applies."""
    if at.wish.want is Want.DELETE:
        return _teardown(at.stands, why=at.wish.why, force=at.wish.force)
    if at.wish.want is Want.STOP:
        return _halt(at.stands, why=at.wish.why)
    if at.wish.want is Want.ERRAND:
        found = errand_plan(at.wish.errand, at.stands, at.secrets, why=at.wish.why)
        return Refused(why=found.why) if isinstance(found, Impossible) else found
    if at.pull is None:
        return Refused(why="the forge shows no such pull (any more); nothing was changed, a delete removes what stands")
    if refused := refusal(at.pull):
        return refused
    if isinstance(at.spec, Unreadable):
        return Refused(why=f"{at.spec.file} has {_count(at.spec.problems)}", problems=at.spec.problems)
    if at.spec is None:
        raise ValueError("a deploy is decided with its spec")
    if lacking := secret_references(at.spec) - at.secrets:
        return Refused(why=_lacking(sorted(lacking), at.pull))
    spec = laid_over(at.spec, at.stands.overlay) if at.stands else at.spec
    if why := unknown_services(at.wish.errand, spec) or _turned(spec, at.stands):
        return Refused(why=why)
    return deployment(spec, at.stands, why=at.wish.why, reset=at.wish.errand)


def deployment(spec: Spec, stands: Standing | None, *, why: str, reset: Errand | None = None) -> Plan:
    """Images first, side by side; then services and jobs in their order; then away with what the spec dropped."""
    order = deploy_order(spec)
    cloned = stands.overlay.clones if stands else {}
    images = {name: () if name in cloned else _images(name, node) for name, node in spec.nodes.items()}
    made = tuple(each for steps in images.values() for each in steps)
    before = resetting(reset, stands, after=_step_ids(made)) if stands and isinstance(reset, Reset) else ()
    first = {name: _step_ids(images[name]) | _step_ids(before) for name in spec.nodes}
    nodes = tuple(_node(name, node, order, spec, first[name]) for name, node in spec.nodes.items())
    up = _step_ids(nodes)
    gone = tuple(step(Discard(name), needs=up, why="the spec no longer names it") for name in _dropped(spec, stands))
    return Plan(want=Want.DEPLOY, steps=made + before + nodes + gone, why=why)


def resetting(reset: Reset, stands: Standing, *, after: frozenset[StepId]) -> tuple[Step, ...]:
    """Once all images are there: the services down in reverse order, emptied, and what ran once forgotten."""
    up = {name: node for name, node in stands.nodes.items() if node.service is not None}
    wanted = {name: Stop(name) for name in up if name in reset.services or not reset.services}
    order = reverse(among(_standing_order(stands), wanted.__contains__))
    stops = tuple(step(act, needs=_ids(wanted, order[name]) | after) for name, act in wanted.items())
    emptied = tuple(step(Empty(name), needs=_ids(wanted, [name])) for name in wanted)
    return (*stops, *emptied, step(Forget(), needs=after))


def _halt(stands: Standing | None, *, why: str) -> Plan:
    acts = {} if stands is None or stands.down else _downward(stands, JobEvent.STOP)
    order = reverse(among(_standing_order(stands), acts.__contains__))
    steps = tuple(step(act, after=_ids(acts, order[name])) for name, act in acts.items())
    return Plan(want=Want.STOP, steps=steps, why=why)


def _teardown(stands: Standing | None, *, why: str, force: bool) -> Plan:
    """With `force` each step waits for the end of those before it only, however they end."""
    acts = {} if stands is None else _downward(stands, JobEvent.DELETE)
    order = _standing_order(stands)
    waking = _waking(stands, acts, order) if stands is not None and stands.down else {}
    if stands is not None and stands.down:
        acts = {name: act for name, act in acts.items() if isinstance(act, Run) or name in waking}
    backwards = reverse(among(order, acts.__contains__))
    forwards = among(order, waking.__contains__)
    first = tuple(step(act, needs=_ids(waking, forwards[name])) for name, act in waking.items())
    awake = _step_ids(first)
    then = tuple(step(act, needs=_ids(acts, backwards[name]) | awake) for name, act in acts.items())
    steps = (*first, *then, step(Remove(), needs=_step_ids(first + then)))
    return Plan(want=Want.DELETE, steps=tuple(map(_lenient, steps)) if force else steps, why=why)


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


def _standing_order(stands: Standing | None) -> Order:
    """What is half-made is last: nothing that stands can have waited for it."""
    if stands is None:
        return {}
    order = {name: node.needs for name, node in stands.nodes.items()}
    last = _half_made(stands)
    before = frozenset(name for name in order if last.isdisjoint(beneath(order, [name])))
    return order | dict.fromkeys(last, before)


def _half_made(stands: Standing) -> frozenset[Name]:
    """The services that a deploy may have begun, and did not live to remember."""
    if stands.spec is None or stands.down:
        return frozenset()
    return frozenset(laid_over(stands.spec, stands.overlay).services) - stands.nodes.keys()


def _turned(spec: Spec, stands: Standing | None) -> str:
    """Why a name cannot stand for another kind of node: what stood under it would lose its end."""
    for name, placed in stands.nodes.items() if stands else ():
        node = spec.nodes.get(name)
        if node is not None and isinstance(node, Service) != (placed.service is not None):
            was, now = ("job", "service") if isinstance(node, Service) else ("service", "job")
            return f"{name} stands here as a {was} and is a {now} now; give the {now} another name, or delete first"
    return ""


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


def _step_ids(steps: Iterable[Step]) -> frozenset[StepId]:
    return frozenset(each.id for each in steps)


def _ids(acts: Mapping[Name, Act], names: Iterable[Name]) -> frozenset[StepId]:
    return frozenset(step_id(acts[name]) for name in names)


def _lacking(names: list[str], pull: Pull) -> str:
    owner = f"{pull.key.forge}:{pull.key.repository}"
    commands = "; ".join(f"`matinee secrets set {owner} {name}`" for name in names[:5])
    return f"the operator has not given {listed(names)}; {commands}"


def _count(problems: tuple[Problem, ...]) -> str:
    return "one mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
