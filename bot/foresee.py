"""Foresees what a turn would do: gathers and decides as one does, asks the builder, and changes nothing."""

from threading import Event

from bot.core.composing.compose import build_order
from bot.core.composing.surroundings import Surroundings, surroundings
from bot.core.composing.variables import Unfilled
from bot.core.deciding.decide import Refused, decide
from bot.core.deciding.plan import Build, Plan, step_id
from bot.core.deciding.plan import Pull as PullImage
from bot.core.deciding.turns import actual
from bot.core.events import Ignored, Pull, Want, Wish
from bot.core.foreseeing.descent import descent
from bot.core.foreseeing.foresight import foresight
from bot.core.foreseeing.outlook import Outlook
from bot.core.foreseeing.sight import Found, Hopeless, Missing, Sight, There
from bot.core.group import Home
from bot.core.model import Container, Hook, Job, JobEvent, Service
from bot.core.reading.spec import Unreadable
from bot.core.standing import Standing
from bot.gathering.elsewhere import elsewhere
from bot.gathering.gather import Gathered, look, looked_up
from bot.ledger import outset
from bot.world import World
from builders.base import Builder, Commit, Unbuilt


def foresee(world: World, wish: Wish, *, pull: Pull | None = None) -> Outlook | Refused | Ignored | Unreadable:
    """What a turn for this wish would do now; `pull` where it is none that the forge knows already."""
    pull = pull or looked_up(world, wish)
    wish = actual(wish, pull)
    gathered = look(wish, pull, _home(world, wish), world, cancel=Event())
    at = gathered.situation
    decision = decide(at)
    if isinstance(decision, Ignored):
        return decision
    if isinstance(decision, Refused):
        return at.spec if isinstance(at.spec, Unreadable) and decision.problems else decision
    commit = gathered.commit
    stands = outset(world.runner, gathered.home, at, commit.sha if commit else None)
    if commit is None or stands is None or decision.want is not Want.DEPLOY:
        return descent(decision, wish.key.environment, at.stands)
    return foresight(decision, _sight(world, decision, gathered, commit, stands))


def _home(world: World, wish: Wish) -> Home:
    status = world.inbox.lane(wish.key.environment)
    return Home(environment=wish.key.environment, generation=status.lane.generation if status else 0)


def _sight(world: World, plan: Plan, gathered: Gathered, commit: Commit, stands: Standing) -> Sight:
    at = gathered.situation
    if stands.spec is None or at.pull is None:
        raise LookupError("a deploy has a spec and a pull")
    around = surroundings(stands.spec, at.pull, stands, gathered.secrets)
    acts = (step.act for step in plan.steps)
    images = [(act, _container(around, act)) for act in acts if isinstance(act, Build | PullImage)]
    builder = world.builder_for(gathered.home.environment, fork=gathered.home.fork)
    found = {step_id(act): _found(world, builder, container, around, commit) for act, container in images}
    wanted = any(_looks_at_files(job) for job in around.spec.jobs.values())
    tree = commit.tree() if wanted else {}
    roomless = world.runner.roomless() if any(_keeps(node) for node in around.spec.nodes.values()) else ""
    return Sight(around=around, before=at.stands, found=found, tree=tree, roomless=roomless)


def _container(around: Surroundings, act: Build | PullImage) -> Container:
    return around.spec.nodes[act.node].containers[act.task]


def _keeps(node: Service | Job) -> bool:
    """Whether it has anything that is to outlive its containers."""
    lasting = isinstance(node, Service) and node.volumes
    return bool(lasting) or any(task.hook is Hook.POSTSTOP for task in node.tasks.values())


def _looks_at_files(job: Job) -> bool:
    return JobEvent.DEPLOY in job.on and bool(job.on[JobEvent.DEPLOY].paths)


def _found(world: World, builder: Builder, container: Container, around: Surroundings, own: Commit) -> Found:
    if container.build is None:
        return _there(builder.here(container.image or ""))
    order = build_order(container.build, around)
    if isinstance(order, Unfilled):
        return Hopeless(order.why)
    commit = elsewhere(world, around.pull, order, Event()) if order.elsewhere else own
    return _there(commit if isinstance(commit, Unbuilt) else builder.known(commit, order))


def _there(found: str | Unbuilt | None) -> Found:
    match found:
        case None:
            return Missing()
        case Unbuilt(why=why):
            return Hopeless(why)
        case image:
            return There(image)
