"""One turn's report: each change of it goes to the inbox for every door, and to the pull."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.composing.variables import secret_references
from bot.core.deciding.outcome import Outcome
from bot.core.deciding.plan import Plan
from bot.core.errand import Cancel
from bot.core.events import Want
from bot.core.model import Spec
from bot.core.names import Sha, StepId
from bot.core.overlay import laid_over
from bot.core.report import Access, Problem, Report, State, StepState, masked, output_lines, urls
from bot.core.standing import Standing
from bot.core.telling import progress
from bot.engine import Begun, Done
from bot.gathering.gather import Gathered
from bot.inbox import Claim
from bot.masks import Masks
from bot.telling.teller import Teller
from bot.world import World

RESTING = frozenset(
    {State.RUNNING, State.FAILED, State.STOPPED, State.ASLEEP, State.STOP_FAILED, State.REFUSED, State.DELETE_FAILED}
)
"""Where the clock goes on."""
_UNDER_WAY = {Want.DEPLOY: State.DEPLOYING, Want.STOP: State.STOPPING, Want.DELETE: State.DELETING}


class Telling:
    """Begins with what stood before; every change is told the moment it is made."""

    def __init__(self, claim: Claim, world: World, gathered: Gathered) -> None:
        wish, pull, stands = claim.lane.current, gathered.situation.pull, gathered.situation.stands
        self._claim = claim
        self._inbox = world.inbox
        self._spec = gathered.situation.spec or (stands.spec if stands else None)
        self._errand = wish.want is Want.ERRAND
        self._cancels = isinstance(wish.errand, Cancel)
        self._stands = stands
        self._secrets, self._fork, self._out = frozenset(gathered.secrets), gathered.home.fork, world.forks.out
        self._masks = Masks(world.secrets, lambda: self._stands)
        self._teller = Teller(world.forge(wish.key.forge), pull) if pull and world.tells else None
        status = world.inbox.lane(claim.environment)
        self._before = status.report if status else None
        self._report = Report(
            key=wish.key,
            repository=wish.repository,
            generation=claim.lane.generation,
            state=_UNDER_WAY.get(wish.want) or progress.at_rest(stands),
            sha=wish.sha or (stands.sha if stands else None),
            serving=_serving(stands),
            steps=progress.cut_short(self._before) if self._cancels and self._before else (),
            lapsed=wish.lapsed,
            open=pull.open if pull else None,
        )

    def begin(self, plan: Plan, recorded: Mapping[StepId, tuple[Outcome, float]], stands: Standing | None) -> None:
        """Every step of the plan, those that an earlier turn of this generation ended as they ended."""
        earlier = progress.seen_to(self._before, plan, self._report.generation)
        report = progress.begun(replace(self._report, why=plan.why, steps=self._report.steps + earlier), plan)
        for step, (outcome, seconds) in recorded.items():
            report = progress.ended(report, step, outcome, seconds)
        self._told(report, stands)

    def news(self, news: Begun | Done, stands: Standing | None) -> None:
        """One step has begun or ended."""
        match news:
            case Begun(step=step):
                self._told(progress.running(self._report, step.id), stands)
            case Done(step=step, outcome=outcome, seconds=seconds):
                self._told(progress.ended(self._report, step.id, outcome, seconds), stands)

    def end(self, state: State, why: str, stands: Standing | None) -> None:
        """All that will be done in this turn has been done; the steps of what was cancelled do not say why."""
        why = why or (self._report.why if self._cancels else "")
        self._told(replace(self._report, state=state, why=why), stands)

    def refuse(self, why: str, problems: tuple[Problem, ...], stands: Standing | None) -> None:
        """Nothing is done, and this is why."""
        state = self._report.state if self._errand else State.REFUSED
        self._told(replace(self._report, state=state, why=why, problems=problems), stands)

    def put_off(self, why: str) -> None:
        """Something that is needed does not answer."""
        self._told(put_off(self._report, why), None)

    def finish(self) -> datetime | None:
        """Wait until the pull has the last report; when to try again where the forge did not take it."""
        return self._teller.finish() if self._teller else None

    def _told(self, report: Report, stands: Standing | None) -> None:
        self._stands = stands or self._stands
        spec = self._spec if isinstance(self._spec, Spec) else None
        if stands is not None and report.state is not State.DELETED:
            shown = () if stands.down else urls(stands, spec and laid_over(spec, stands.overlay))
            report = replace(
                report, serving=_serving(stands), outputs=output_lines(stands), urls=shown, access=self._access(stands)
            )
        if stands is not None and report.state in RESTING:
            times = stands.lifetime
            report = replace(report, sleeps_at=times.sleeps_at, expires_at=times.expires_at)
        if report.state is State.DELETED:
            report = replace(report, serving=None, outputs=(), urls=(), access=None)
        self._report = report = masked(report, self._masks)
        self._inbox.tell(self._claim, report)
        if self._teller is not None:
            self._teller.say(report)

    def _access(self, stands: Standing) -> Access:
        named = secret_references(laid_over(stands.spec, stands.overlay)) if stands.spec else frozenset()
        names = named & self._secrets if self._secrets else stands.given.keys()
        out = self._out if self._fork else None
        return Access(allowed=stands.allowed, fork=self._fork, secrets=tuple(sorted(names)), out=out)


def _serving(stands: Standing | None) -> Sha | None:
    return None if stands is None or stands.down else stands.serving


AGAIN = "; it will be tried again"


def put_off(report: Report, why: str) -> Report:
    """The same, waiting for another turn."""
    steps = tuple(replace(s, state=StepState.WAITING) if s.state is StepState.RUNNING else s for s in report.steps)
    return replace(report, state=State.QUEUED, why=f"{why}{AGAIN}", steps=steps)
