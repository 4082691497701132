"""One lane's turn: gather, decide, do, tell."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

from bot.concluding import conclude
from bot.core.deciding import facts
from bot.core.deciding.decide import Refused, decide
from bot.core.deciding.missed import looked_at
from bot.core.deciding.outcome import Failed, Outcome, stays
from bot.core.deciding.plan import Plan
from bot.core.deciding.turns import pause, shown
from bot.core.errors import Limited, MatineeError, Overtaken
from bot.core.events import Ignored, Pull, Want
from bot.core.group import Home
from bot.core.model import Spec
from bot.core.names import StepId
from bot.core.report import State
from bot.core.standing import Standing
from bot.core.telling import progress
from bot.engine import Done, carry_out
from bot.gathering.elsewhere import elsewhere
from bot.gathering.gather import Gathered, gather
from bot.hands import Deploy, Grip, Hands
from bot.inbox import Claim
from bot.leaving import leave, unheard_of
from bot.ledger import Ledger, outset
from bot.telling.retelling import retold
from bot.telling.telling import Telling, put_off
from bot.watch import Watch
from bot.world import World
from builders.base import Builder

log = logging.getLogger(__name__)


def turn(claim: Claim, world: World) -> None:
    """Look at one environment once, and bring it nearer to what is wanted of it."""
    try:
        with Watch(world.inbox, claim, lease=world.lease) as watch:
            look = _looked(claim, world, watch.overtaken) if claim.lane.due else retold(claim, world)
            world.inbox.settle(claim, again=look)
    except Overtaken:
        log.info("%s: generation %d was overtaken", claim.environment, claim.lane.generation)
        world.inbox.release(claim, above=_remembered(claim, world))


def _looked(claim: Claim, world: World, overtaken: Event) -> datetime | None:
    """Take the turn; when to take it again, if something that it needs does not answer."""
    try:
        return _take(claim, world, overtaken)
    except Overtaken:
        raise
    except MatineeError as error:
        log.warning("%s: put off: %s", claim.environment, error)
        return _put_off(claim, world, error)
    except Exception as error:
        log.exception("%s: put off by a fault of ours", claim.environment)
        return _put_off(claim, world, error)


def _take(claim: Claim, world: World, overtaken: Event) -> datetime | None:
    gathered = gather(claim, world, overtaken)
    if not isinstance(gathered, Gathered):
        world.inbox.wish(gathered)
        return None
    decision = decide(gathered.situation)
    _remember(decision, claim, world, gathered)
    if isinstance(decision, Ignored):
        return leave(decision, claim, world, gathered)
    if isinstance(decision, Plan) and decision.want is not gathered.situation.wish.want:
        claim, gathered = _instead(decision, claim, gathered)
    if isinstance(decision, Plan) and unheard_of(claim, world, gathered):
        world.inbox.rest(claim, State.DELETED)
        return None
    telling = Telling(claim, world, gathered)
    untold = None
    try:
        if isinstance(decision, Refused):
            telling.refuse(decision.why, decision.problems, gathered.situation.stands)
            again = None
        else:
            again = _carry_out(decision, claim, world, gathered, telling, overtaken)
    except Overtaken:
        raise
    except Exception as error:
        telling.put_off(_why(error))
        raise
    finally:
        untold = telling.finish()
    return again or untold


def _remember(decision: Plan | Refused | Ignored, claim: Claim, world: World, gathered: Gathered) -> None:
    kept = facts.decision(gathered.situation, decision, generation=claim.lane.generation, now=world.inbox.now)
    world.inbox.decided(claim, kept, looked_at(gathered.situation))


def _instead(plan: Plan, claim: Claim, gathered: Gathered) -> tuple[Claim, Gathered]:
    """The turn as it would be had this been wished for."""
    wish = replace(claim.lane.current, want=plan.want, sha=None, errand=None)
    situation = replace(gathered.situation, wish=wish, spec=None)
    claim = replace(claim, lane=replace(claim.lane, wish=wish))
    return claim, replace(gathered, situation=situation, commit=None, secrets={})


def _carry_out(
    plan: Plan, claim: Claim, world: World, gathered: Gathered, telling: Telling, overtaken: Event
) -> datetime | None:
    ledger = Ledger(world.runner, gathered.home, _prepared(claim, world, gathered))
    recorded = world.inbox.outcomes(claim)
    # A step that this plan has no more was for what an earlier turn of the same wish has already seen to.
    ends = ((step.id, recorded[step.id]) for step in plan.steps if step.id in recorded)
    kept = {step: ended for step, ended in ends if stays(ended[0], plan.want)}
    outcomes: dict[StepId, Outcome] = {step: outcome for step, (outcome, _) in kept.items()}
    spent = {step: outcome.attempts for step, (outcome, _) in recorded.items() if isinstance(outcome, Failed)}
    hands = _hands(claim, world, gathered, ledger, overtaken, spent)
    telling.begin(plan, kept, ledger.standing)
    for news in carry_out(plan, hands.do, known=outcomes, cancel=overtaken):
        if isinstance(news, Done):
            outcomes[news.step.id] = news.outcome
            _record(claim, world, news, overtaken)
        telling.news(news, ledger.standing)
    if overtaken.is_set():
        raise Overtaken(f"{claim.environment}: something newer is wanted")
    state = progress.settled(plan, outcomes, ledger.standing)
    conclude(claim, world, state, ledger, gathered.situation.pull)
    if state is State.RUNNING and plan.want is Want.DEPLOY:
        _builder(world, gathered).release(claim.environment, ledger.present.images)
    said, why = shown(state, claim.lane.current, claim.lane.tries)
    telling.end(said, why or (plan.why if plan.rule else ""), ledger.standing)
    return _later(claim, world) if state is State.DELETE_FAILED else None


def _record(claim: Claim, world: World, done: Done, overtaken: Event) -> None:
    if not overtaken.is_set():
        world.inbox.record(claim, done.step.id, done.outcome, done.seconds or 0.0)


def _hands(
    claim: Claim, world: World, gathered: Gathered, ledger: Ledger, overtaken: Event, spent: Mapping[StepId, int]
) -> Hands:
    grip = Grip(
        home=gathered.home,
        runner=world.runner,
        builder=_builder(world, gathered),
        ledger=ledger,
        deploy=_deploy(gathered),
        book=lambda step, attempt: world.inbox.logs.begin(claim.environment, claim.lane.generation, step, attempt),
        elsewhere=lambda build: elsewhere(world, _pull(gathered), build, overtaken),
        rewrite=lambda step, how: world.inbox.logs.rewrite(claim.environment, step, how),
        guarded=(*world.secrets, *world.vault.hidden(claim.lane.current.key)),
        secrets=gathered.secrets,
        cancel=overtaken,
        spent=spent,
    )
    return Hands(grip)


def _builder(world: World, gathered: Gathered) -> Builder:
    """A deploy's own kind; what only lets go of images needs no builder for forks."""
    builds = gathered.situation.wish.want is Want.DEPLOY
    home = gathered.home
    return world.builder_for(home.environment, fork=home.fork) if builds else world.builder


def _pull(gathered: Gathered) -> Pull:
    pull = gathered.situation.pull
    if pull is None:
        raise LookupError("only a pull that the forge shows is built for")
    return pull


def _deploy(gathered: Gathered) -> Deploy | None:
    at = gathered.situation
    if isinstance(at.spec, Spec) and at.pull is not None and gathered.commit is not None:
        return Deploy(spec=at.spec, pull=at.pull, commit=gathered.commit)
    return None


def _prepared(claim: Claim, world: World, gathered: Gathered) -> Standing | None:
    """Make the place that this generation works in, or take over the one that stands."""
    commit = gathered.commit
    prepared = outset(world.runner, gathered.home, gathered.situation, commit.sha if commit else None)
    if prepared is not None and commit is not None and gathered.allowed is not None:
        world.inbox.vouched(claim.environment, gathered.allowed)
        prepared = replace(prepared, allowed=gathered.allowed)
    if prepared is not None:
        world.runner.remember(gathered.home, prepared)
        if gathered.situation.stands is None:
            _make_sure(claim, world, gathered.home)
    return prepared


def _make_sure(claim: Claim, world: World, home: Home) -> None:
    """Take what was made anew away again where somebody has taken the lane meanwhile: they may have deleted it all."""
    beat = world.inbox.beat(claim, lease=world.lease)
    if not beat.held and beat.generation != home.generation:
        world.runner.remove(home, log=lambda line: log.info("%s", line))
        raise Overtaken(f"{home.environment}: something newer is wanted")


def _remembered(claim: Claim, world: World) -> int:
    """The generation that the environment itself knows of: a newer one than ours, where our database is older."""
    try:
        stands = world.runner.recall(Home(environment=claim.environment, generation=claim.lane.generation))
    except MatineeError:
        return 0
    return stands.generation if stands is not None else 0


def _later(claim: Claim, world: World) -> datetime:
    return world.inbox.now + timedelta(seconds=pause(claim.lane.tries))


def _put_off(claim: Claim, world: World, error: Exception) -> datetime:
    status = world.inbox.lane(claim.environment)
    told = progress.awaited(status.report if status else None, claim.lane.current, claim.lane.generation)
    world.inbox.tell(claim, put_off(told, _why(error)))
    again = _later(claim, world)
    return max(again, error.until) if isinstance(error, Limited) else again


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, MatineeError) else "a fault of matinee's own; the bot's log has the details"
