from threading import Barrier, Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.deciding.outcome import Cancelled, Failed, Skipped, Succeeded
from bot.core.deciding.plan import Plan, Start, Step
from bot.core.events import Want
from bot.core.names import StepId
from bot.engine import Begun, Done, carry_out


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    steps: list[Step] = []
    for number in range(draw(st.integers(0, 7))):
        before = st.sets(st.sampled_from([step.id for step in steps]), max_size=3) if steps else st.just(set())
        steps.append(step(number, needs=draw(before), after=draw(before)))
    return Plan(want=Want.DEPLOY, steps=tuple(steps), why="")


def step(number: int, *, needs=(), after=()) -> Step:
    return Step(id=StepId(f"s{number}"), act=Start(f"s{number}"), needs=frozenset(needs), after=frozenset(after))


def walk(plan: Plan, failing=frozenset(), known=None, cancel=None):
    def do(step, outcomes):
        return Failed(why="no") if step.id in failing else Succeeded()

    return list(carry_out(plan, do, known=known or {}, cancel=cancel or Event()))


def failing_steps():
    return st.sets(st.sampled_from([f"s{number}" for number in range(7)]))


@given(plans(), failing_steps())
def test_every_step_ends_exactly_once(plan, failing):
    done = [news.step.id for news in walk(plan, failing) if isinstance(news, Done)]
    assert sorted(done) == sorted(step.id for step in plan.steps)


@given(plans(), failing_steps())
def test_nothing_runs_after_a_step_that_it_needs_has_failed(plan, failing):
    news = walk(plan, failing)
    outcomes = {each.step.id: each.outcome for each in news if isinstance(each, Done)}
    begun = {each.step.id for each in news if isinstance(each, Begun)}
    for each in plan.steps:
        lost = {need for need in each.needs if not isinstance(outcomes[need], Succeeded)}
        assert (each.id not in begun) == bool(lost)
        assert isinstance(outcomes[each.id], Skipped) == bool(lost)


@given(plans(), failing_steps())
def test_a_step_begins_after_all_that_it_waits_for_has_ended(plan, failing):
    ended: set[StepId] = set()
    for news in walk(plan, failing):
        if isinstance(news, Begun):
            assert news.step.waits <= ended
        else:
            ended.add(news.step.id)


@given(plans(), failing_steps())
def test_what_is_known_is_not_done_again(plan, known):
    outcomes = {StepId(name): Succeeded() for name in known}
    begun = {news.step.id for news in walk(plan, known=outcomes) if isinstance(news, Begun)}
    assert begun == {step.id for step in plan.steps} - known


def test_steps_without_a_path_between_them_run_side_by_side():
    meeting = Barrier(3, timeout=10)

    def do(step, outcomes):
        meeting.wait()
        return Succeeded()

    plan = Plan(want=Want.DEPLOY, steps=tuple(step(number) for number in range(3)), why="")
    assert len(list(carry_out(plan, do, known={}, cancel=Event()))) == 6


def test_after_a_cancel_nothing_more_begins():
    cancel = Event()

    def do(step, outcomes):
        cancel.set()
        return Succeeded()

    plan = Plan(want=Want.DEPLOY, steps=(step(0), step(1, after=["s0"])), why="")
    news = list(carry_out(plan, do, known={}, cancel=cancel))
    assert isinstance(news[-1].outcome, Cancelled)


def test_an_exception_is_raised_after_what_was_under_way_has_been_told():
    both = Barrier(2, timeout=10)

    def do(step, outcomes):
        both.wait()
        if step.id == "s0":
            raise ConnectionError("gone")
        return Succeeded()

    plan = Plan(want=Want.DEPLOY, steps=(step(0), step(1), step(2, needs=["s0"])), why="")
    told: list[str] = []
    news = carry_out(plan, do, known={}, cancel=Event())
    with pytest.raises(ConnectionError):
        told.extend(f"{type(each).__name__} {each.step.id}" for each in news)
    assert sorted(told) == ["Begun s0", "Begun s1", "Done s1"]


def test_steps_that_wait_for_each_other_are_no_plan():
    with pytest.raises(ValueError, match="wait for each other"):
        Plan(want=Want.DEPLOY, steps=(step(0, needs=["s1"]), step(1, needs=["s0"])), why="")
