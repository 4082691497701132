"""A report as a plan is carried out: every step shown from the first moment, each changed as it goes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from bot.core.deciding.outcome import Cancelled, Failed, Outcome, Skipped, Succeeded
from bot.core.deciding.plan import Act, Plan, Remove, Run, Step, Wake
from bot.core.errand import Adopt, Drop, Force
from bot.core.events import Want, Wish
from bot.core.names import StepId
from bot.core.report import Report, State, StepLine, StepState
from bot.core.standing import Standing


def begun(report: Report, plan: Plan) -> Report:
    """The report at the start of a plan: after what there was before, every step waiting."""
    steps = (*report.steps, *(StepLine(name=step.id, kind=kind(step.act), why=step.why) for step in plan.steps))
    state = report.state if plan.want is Want.ERRAND else _under_way(plan.want)
    return replace(report, state=state, why=plan.why, steps=steps, problems=(), filtered=bool(plan.rule))


def seen_to(told: Report | None, plan: Plan, generation: int) -> tuple[StepLine, ...]:
    """The steps that an earlier turn of the same stop or delete brought to their end, and that the plan has no more."""
    if told is None or told.generation != generation or plan.want not in (Want.STOP, Want.DELETE):
        return ()
    left = {step.id for step in plan.steps}
    under_way = (StepState.WAITING, StepState.RUNNING)
    return tuple(line for line in told.steps if line.name not in left and line.state not in under_way)


def awaited(told: Report | None, wish: Wish, generation: int) -> Report:
    """The report of a turn that cannot begin yet: what stood before it stands."""
    if told is not None and told.generation == generation:
        return told
    new = Report(key=wish.key, repository=wish.repository, generation=generation, state=State.QUEUED, sha=wish.sha)
    if told is None:
        return new
    return replace(
        new,
        sha=wish.sha or told.sha,
        serving=told.serving,
        urls=told.urls,
        outputs=told.outputs,
        access=told.access,
        open=told.open,
    )


def running(report: Report, step: StepId) -> Report:
    """The same, with this step under way."""
    return _with(report, replace(_line(report, step), state=StepState.RUNNING))


def ended(report: Report, step: StepId, outcome: Outcome, seconds: float | None) -> Report:
    """The same, with how this step ended."""
    return _with(report, replace(_told(_line(report, step), outcome), seconds=seconds))


def cut_short(report: Report) -> tuple[StepLine, ...]:
    """The steps of what was cancelled, as they ended."""
    given_up = (StepState.WAITING, StepState.RUNNING, StepState.CANCELLED)
    return tuple(replace(s, state=StepState.CANCELLED, why="") if s.state in given_up else s for s in report.steps)


def left_off(report: Report, why: str) -> Report:
    """The same, where whoever carried it out has left off before the end, and nobody goes on by themselves."""
    return replace(report, state=_LEFT_OFF.get(report.state, report.state), why=why, steps=cut_short(report))


_LEFT_OFF = {
    State.QUEUED: State.FAILED,
    State.DEPLOYING: State.FAILED,
    State.STOPPING: State.STOP_FAILED,
    State.DELETING: State.DELETE_FAILED,
}


def at_rest(stands: Standing | None) -> State:
    """What an environment is that nothing is done to."""
    if stands is None:
        return State.DELETED
    if stands.down:
        return State.ASLEEP if stands.asleep else State.STOPPED
    return State.RUNNING if stands.serving == stands.sha else State.FAILED


def settled(plan: Plan, outcomes: Mapping[StepId, Outcome], stands: Standing | None = None) -> State:
    """What the environment is once the plan has been carried out; queued where it was given up for something newer."""
    if _given_up(plan.steps, outcomes):
        return State.QUEUED
    match plan.want:
        case Want.ERRAND:
            return at_rest(stands)
        case Want.DEPLOY:
            return State.RUNNING if _all_succeeded(plan.steps, outcomes) else State.FAILED
        case Want.STOP:
            downs = [step for step in plan.steps if not isinstance(step.act, Run)]
            return State.STOPPED if _all_succeeded(downs, outcomes) else State.STOP_FAILED
        case Want.DELETE:
            removals = [step for step in plan.steps if isinstance(step.act, Remove)]
            return State.DELETED if _all_succeeded(removals or plan.steps, outcomes) else State.DELETE_FAILED
        case _:
            assert_never(plan.want)


def kind(act: Act) -> str:
    """The sort of step, as it is told."""
    return _KINDS.get(type(act), type(act).__name__.lower())


_KINDS: Mapping[type, str] = {Wake: "start", Force: "run", Adopt: "clone", Drop: "delete"}
"""Where the act's own name is not the word."""


def _under_way(want: Want) -> State:
    match want:
        case Want.DEPLOY | Want.ERRAND:
            return State.DEPLOYING
        case Want.STOP:
            return State.STOPPING
        case Want.DELETE:
            return State.DELETING
        case _:
            assert_never(want)


def _told(line: StepLine, outcome: Outcome) -> StepLine:
    match outcome:
        case Succeeded(why=why, needless=True):
            return replace(line, state=StepState.SKIPPED, why=why)
        case Succeeded(why=why, attempts=attempts):
            return replace(line, state=StepState.SUCCEEDED, why=why or line.why, attempts=attempts)
        case Failed(why=why, attempts=attempts):
            told = replace(line, state=StepState.FAILED, why=why, attempts=attempts)
            return replace(told, tail=outcome.tail, printed=outcome.printed, file=outcome.file, line=outcome.line)
        case Skipped(why=why):
            return replace(line, state=StepState.SKIPPED, why=why)
        case Cancelled(why=why):
            return replace(line, state=StepState.CANCELLED, why=why)
        case _:
            assert_never(outcome)


def _line(report: Report, step: StepId) -> StepLine:
    found = next((line for line in report.steps if line.name == step), None)
    if found is None:
        raise ValueError(f"{step!r} is no step of this report; it has {', '.join(each.name for each in report.steps)}")
    return found


def _with(report: Report, line: StepLine) -> Report:
    return replace(report, steps=tuple(line if old.name == line.name else old for old in report.steps))


def _given_up(steps: Iterable[Step], outcomes: Mapping[StepId, Outcome]) -> bool:
    ends = [outcomes.get(step.id) for step in steps]
    return any(end is None or isinstance(end, Cancelled) for end in ends) and not any(
        isinstance(end, Failed) for end in ends
    )


def _all_succeeded(steps: Iterable[Step], outcomes: Mapping[StepId, Outcome]) -> bool:
    return all(isinstance(outcomes.get(step.id), Succeeded) for step in steps)
