"""The whole of the product's judgement: a situation in, a plan out, or why there is none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.core.events import Pull, Want, Wish
from bot.core.model import Job, JobEvent, Service, Spec
from bot.core.names import Name, StepId
from bot.core.order import Order, among, beneath, deploy_order, reverse
from bot.core.plan import Act, Build, Discard, Empty, Keep, Plan, Remove, Run, Start, Step, Stop, Wake
from bot.core.plan import Pull as PullImage
from bot.core.report import Problem
from bot.core.spec import Unreadable
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
        return _teardown(at.stands, why=at.wish.why)
    if at.wish.want is Want.STOP:
        return _halt(at.stands, why=at.wish.why)
    if at.pull is None:
        return Refused(why="the forge shows no such pull (any more); nothing was changed, a delete removes what stands")
    if refused := refusal(at.pull):
        return refused
    if isinstance(at.spec, Unreadable):
        return Refused(why=f"{at.spec.file} has {_count(at.spec.problems)}", problems=at.spec.problems)
    if at.spec is None:
        raise ValueError("a deploy is decided with its spec")
    return deployment(at.spec, at.stands, why=at.wish.why)


def deployment(spec: Spec, stands: Standing | None, *, why: str) -> Plan:
    """Images first, side by side; then services and jobs in their order; then away with what the spec dropped."""
    order = deploy_order(spec)
    images = tuple(step for name, node in spec.nodes.items() for step in _images(name, node))
    nodes = tuple(_node(name, node, order, spec) for name, node in spec.nodes.items())
    up = frozenset(step.id for step in nodes)
    gone = tuple(_step(Discard(name), needs=up, why="the spec no longer names it") for name in _dropped(spec, stands))
    return Plan(want=Want.DEPLOY, steps=images + nodes + gone, why=why)


def _halt(stands: Standing | None, *, why: str) -> Plan:
    acts = {} if stands is None or stands.down else _downward(stands, JobEvent.STOP)
    order = reverse(among(_standing_order(stands), acts.__contains__))
    steps = tuple(_step(act, after=_ids(acts, order[name])) for name, act in acts.items())
    return Plan(want=Want.STOP, steps=steps, why=why)


def _teardown(stands: Standing | None, *, why: str) -> Plan:
    acts = {} if stands is None else _downward(stands, JobEvent.DELETE)
    order = _standing_order(stands)
    waking = _waking(stands, acts, order) if stands is not None and stands.down else {}
    if stands is not None and stands.down:
        acts = {name: act for name, act in acts.items() if isinstance(act, Run) or name in waking}
    backwards = reverse(among(order, acts.__contains__))
    forwards = among(order, waking.__contains__)
    first = tuple(_step(act, needs=_ids(waking, forwards[name])) for name, act in waking.items())
    awake = frozenset(step.id for step in first)
    then = tuple(_step(act, needs=_ids(acts, backwards[name]) | awake) for name, act in acts.items())
    last = _step(Remove(), needs=frozenset(step.id for step in first + then))
    return Plan(want=Want.DELETE, steps=(*first, *then, last), why=why)


def _downward(stands: Standing, event: JobEvent) -> Mapping[Name, Act]:
    acts: dict[Name, Act] = {}
    for name, node in stands.nodes.items():
        if node.service is not None:
            acts[name] = Stop(name)
        elif event in node.pinned:
            acts[name] = Run(name, event)
    return acts


def _waking(stands: Standing | None, acts: Mapping[Name, Act], order: Order) -> Mapping[Name, Act]:
    needed = beneath(order, [name for name, act in acts.items() if isinstance(act, Run)])
    return {name: Wake(name) for name in acts if name in needed and isinstance(acts[name], Stop)}


def _standing_order(stands: Standing | None) -> Order:
    return {} if stands is None else {name: node.needs for name, node in stands.nodes.items()}


def _dropped(spec: Spec, stands: Standing | None) -> tuple[Name, ...]:
    nodes = {} if stands is None else stands.nodes
    return tuple(name for name, node in nodes.items() if node.service is not None and name not in spec.nodes)


def _images(name: Name, node: Service | Job) -> tuple[Step, ...]:
    """One step for each container of the group."""
    containers = node.containers.items()
    return tuple(_step(Build(name, task) if each.build else PullImage(name, task)) for task, each in containers)


def _node(name: Name, node: Service | Job, order: Order, spec: Spec) -> Step:
    before = {_main(need, spec.nodes[need]).id for need in order[name]}
    return _step(_main_act(name, node), needs=frozenset(before | {step.id for step in _images(name, node)}))


def _main(name: Name, node: Service | Job) -> Step:
    return _step(_main_act(name, node))


def _main_act(name: Name, node: Service | Job) -> Act:
    if isinstance(node, Service):
        return Start(name)
    return Run(name, JobEvent.DEPLOY) if JobEvent.DEPLOY in node.on else Keep(name)


def _ids(acts: Mapping[Name, Act], names: Iterable[Name]) -> frozenset[StepId]:
    return frozenset(_step(acts[name]).id for name in names)


def _step(
    act: Act, *, needs: frozenset[StepId] = frozenset(), after: frozenset[StepId] = frozenset(), why: str = ""
) -> Step:
    return Step(id=step_id(act), act=act, needs=needs, after=after, why=why)


def step_id(act: Act) -> StepId:
    """What an act is called, unique in any plan."""
    match act:
        case Run(job, event):
            return StepId(f"run {job} on {event}")
        case Remove():
            return StepId("remove the environment")
        case Build(name, task) | PullImage(name, task):
            return StepId(f"{type(act).__name__.lower()} {name}{'/' if task else ''}{task}")
        case Keep(name) | Start(name) | Wake(name) | Stop(name) | Empty(name) | Discard(name):
            return StepId(f"{type(act).__name__.lower()} {name}")


def _count(problems: tuple[Problem, ...]) -> str:
    return "one mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
