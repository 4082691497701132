from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.deciding.outcome import Cancelled, Failed, Skipped, Succeeded
from bot.core.deciding.plan import Build, Discard, Keep, Plan, Pull, Remove, Run, Start, Step, Stop, Wake
from bot.core.deciding.plan import step as made
from bot.core.events import Want
from bot.core.model import JobEvent
from bot.core.names import Name, StepId
from bot.core.report import State, StepState
from bot.core.telling import progress
from tests.core.reports import QUEUED, REFUSED_SPEC

NAMES = st.sampled_from([Name("web"), Name("api"), Name("db"), Name("seed")])
ACTS = st.one_of(
    *(NAMES.map(act) for act in (Build, Pull, Keep, Start, Wake, Stop, Discard)),
    st.builds(Run, NAMES, st.sampled_from(JobEvent)),
    st.just(Remove()),
)
ENDS = st.one_of(
    st.just(Succeeded()),
    st.builds(Failed, why=st.just("exit code 3"), attempts=st.integers(1, 3)),
    st.just(Skipped(why="build web did not succeed")),
    st.just(Cancelled(why="a newer commit")),
)
STATES = {
    Succeeded: StepState.SUCCEEDED,
    Failed: StepState.FAILED,
    Skipped: StepState.SKIPPED,
    Cancelled: StepState.CANCELLED,
}


@st.composite
def plans(draw):
    acts = draw(st.lists(ACTS, max_size=8, unique=True))
    steps = [Step(id=StepId(f"{i} {type(act).__name__}"), act=act) for i, act in enumerate(acts)]
    return Plan(want=draw(st.sampled_from(Want)), steps=tuple(steps), why="the pull was opened")


def plan(want, *acts):
    return Plan(want=want, steps=tuple(Step(id=StepId(repr(act)), act=act) for act in acts), why="asked for")


def outcomes(plan, *ends):
    return {step.id: end for step, end in zip(plan.steps, ends, strict=True)}


@given(plans())
def test_every_step_is_shown_exactly_once_and_waits(plan):
    report = progress.begun(QUEUED, plan)
    assert [line.name for line in report.steps] == [step.id for step in plan.steps]
    assert {line.state for line in report.steps} <= {StepState.WAITING}


@given(plans(), st.data())
def test_what_is_told_counts_what_has_ended(plan, data):
    report = progress.begun(QUEUED, plan)
    ends = data.draw(st.dictionaries(st.sampled_from(plan.steps), ENDS) if plan.steps else st.just({}))
    for step, end in ends.items():
        report = progress.ended(progress.running(report, step.id), step.id, end, 1.5)
    assert {line.name: line.state for line in report.steps} == {
        step.id: STATES[type(ends[step])] if step in ends else StepState.WAITING for step in plan.steps
    }


@given(plans(), st.data())
def test_a_plan_settles_in_a_state_of_its_own_wish(plan, data):
    ends = {step.id: data.draw(ENDS) for step in plan.steps}
    assert (
        progress.settled(plan, ends)
        in {
            Want.DEPLOY: {State.RUNNING, State.FAILED, State.QUEUED},
            Want.STOP: {State.STOPPED, State.STOP_FAILED, State.QUEUED},
            Want.DELETE: {State.DELETED, State.DELETE_FAILED, State.QUEUED},
            Want.ERRAND: {State.DELETED, State.QUEUED},
        }[plan.want]
    )


@pytest.mark.parametrize(
    ("want", "state"), [("deploy", State.DEPLOYING), ("stop", State.STOPPING), ("delete", State.DELETING)]
)
def test_a_begun_plan_says_what_is_under_way_and_why(want, state):
    report = progress.begun(REFUSED_SPEC, plan(Want(want)))
    assert (report.state, report.why, report.problems) == (state, "asked for", ())


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (Build(Name("web")), "build"),
        (Pull(Name("db")), "pull"),
        (Run(Name("seed"), JobEvent.DEPLOY), "run"),
        (Keep(Name("seed")), "keep"),
        (Start(Name("web")), "start"),
        (Wake(Name("db")), "start"),
        (Stop(Name("web")), "stop"),
        (Discard(Name("web")), "discard"),
        (Remove(), "remove"),
    ],
)
def test_each_act_is_told_as_a_kind(act, kind):
    assert progress.kind(act) == kind


def test_a_failed_step_keeps_its_place_its_tail_and_its_attempts():
    one = plan(Want.DEPLOY, Build(Name("web")))
    end = Failed(why="exit code 1", tail=("error",), file="Dockerfile", line=9, attempts=2)
    (line,) = progress.ended(progress.begun(QUEUED, one), one.steps[0].id, end, 1.2).steps
    assert (line.why, line.tail, line.file, line.line, line.attempts, line.seconds) == (
        "exit code 1",
        ("error",),
        "Dockerfile",
        9,
        2,
        1.2,
    )


def test_why_a_step_is_there_stays_where_its_end_says_nothing():
    step = Step(id=StepId("discard old"), act=Discard(Name("old")), why="the spec no longer names it")
    one = Plan(want=Want.DEPLOY, steps=(step,), why="")
    (line,) = progress.ended(progress.begun(QUEUED, one), step.id, Succeeded(), 0.1).steps
    assert line.why == "the spec no longer names it"


def test_a_step_that_is_not_there_is_a_fault():
    with pytest.raises(ValueError, match="no step of this report"):
        progress.running(QUEUED, StepId("build web"))


SUCCEEDED, FAILED = Succeeded(), Failed(why="exit code 3")
SKIPPED, CANCELLED = Skipped(why="before it"), Cancelled(why="a newer commit")
DEPLOY = plan(Want.DEPLOY, Build(Name("web")), Start(Name("web")))
STOP = plan(Want.STOP, Run(Name("backup"), JobEvent.STOP), Stop(Name("db")))
DELETE = plan(Want.DELETE, Run(Name("drop"), JobEvent.DELETE), Remove())


@pytest.mark.parametrize(
    ("plan", "ends", "state"),
    [
        pytest.param(DEPLOY, (SUCCEEDED, SUCCEEDED), State.RUNNING, id="all up"),
        pytest.param(DEPLOY, (FAILED, SKIPPED), State.FAILED, id="a build failed"),
        pytest.param(DEPLOY, (CANCELLED, SKIPPED), State.QUEUED, id="given up for a newer commit"),
        pytest.param(DEPLOY, (FAILED, CANCELLED), State.FAILED, id="failed before it was given up"),
        pytest.param(STOP, (SUCCEEDED, SUCCEEDED), State.STOPPED, id="stopped"),
        pytest.param(STOP, (FAILED, SUCCEEDED), State.STOPPED, id="a failed stop job is a warning"),
        pytest.param(STOP, (SUCCEEDED, FAILED), State.STOP_FAILED, id="a service would not go down"),
        pytest.param(DELETE, (SUCCEEDED, SUCCEEDED), State.DELETED, id="deleted"),
        pytest.param(DELETE, (FAILED, SUCCEEDED), State.DELETED, id="removed although a job failed"),
        pytest.param(DELETE, (FAILED, SKIPPED), State.DELETE_FAILED, id="a delete job failed"),
        pytest.param(DELETE, (SUCCEEDED, FAILED), State.DELETE_FAILED, id="something could not be removed"),
        pytest.param(DELETE, (CANCELLED, SKIPPED), State.QUEUED, id="a delete that was interrupted"),
    ],
)
def test_how_the_steps_ended_decides_the_state(plan, ends, state):
    assert progress.settled(plan, outcomes(plan, *ends)) is state


@pytest.mark.parametrize(("want", "state"), [(Want.STOP, State.STOPPED), (Want.DELETE, State.DELETED)])
def test_where_nothing_stands_there_is_nothing_to_do(want, state):
    assert progress.settled(plan(want), {}) is state


def test_steps_that_have_not_ended_leave_it_queued():
    assert progress.settled(DEPLOY, {DEPLOY.steps[0].id: SUCCEEDED}) is State.QUEUED


def test_a_report_is_not_changed_by_what_comes_after_it():
    before = progress.begun(QUEUED, DEPLOY)
    same = replace(before)
    progress.ended(before, DEPLOY.steps[0].id, FAILED, 1)
    assert before == same


@pytest.mark.parametrize(
    ("state", "left"),
    [
        (State.QUEUED, State.FAILED),
        (State.DEPLOYING, State.FAILED),
        (State.STOPPING, State.STOP_FAILED),
        (State.DELETING, State.DELETE_FAILED),
        (State.RUNNING, State.RUNNING),
    ],
)
def test_what_is_left_off_is_under_way_no_more(state: State, left: State) -> None:
    plan = Plan(want=Want.DEPLOY, steps=(made(Build(Name("web"))), made(Pull(Name("db")))), why="")
    report = progress.running(progress.begun(QUEUED, plan), plan.steps[0].id)
    report = progress.ended(report, plan.steps[1].id, Succeeded(), 1)
    told = progress.left_off(replace(report, state=state), "the job was cancelled")
    assert (told.state, told.why) == (left, "the job was cancelled")
    assert [line.state for line in told.steps] == [StepState.CANCELLED, StepState.SUCCEEDED]
