"""Carries out one plan, side by side where it may, each step once; judges nothing."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from bot.core.deciding.outcome import Cancelled, Outcome, Skipped, blocker, ready
from bot.core.deciding.plan import Plan, Step
from bot.core.names import StepId
from bot.core.wire import Cancel

WIDTH = 16
"""How many steps of one environment may be under way."""

Do = Callable[[Step, Mapping[StepId, Outcome]], Outcome]
_Running = dict[Future[tuple[Outcome, float]], Step]


@dataclass(frozen=True, slots=True)
class Begun:
    """A step is under way."""

    step: Step


@dataclass(frozen=True, slots=True)
class Done:
    """A step has ended; seconds are None where it never began."""

    step: Step
    outcome: Outcome
    seconds: float | None


def carry_out(
    plan: Plan, do: Do, *, known: Mapping[StepId, Outcome], cancel: Cancel, width: int = WIDTH
) -> Iterator[Begun | Done]:
    """Do what is not known yet; tell each beginning and each end the moment it happens.

    After an exception of `do` nothing more begins; it is raised when what was under way has ended and been told.
    """
    outcomes = {step.id: known[step.id] for step in plan.steps if step.id in known}
    running: _Running = {}
    broken: BaseException | None = None
    with ThreadPoolExecutor(max_workers=width, thread_name_prefix="step") as pool:
        while running or (broken is None and len(outcomes) < len(plan.steps)):
            fresh: list[Begun | Done] = []
            for step in () if broken else _able(plan, outcomes, running):
                if ended := _held_back(step, outcomes, cancel):
                    outcomes[step.id] = ended
                    fresh.append(Done(step, ended, None))
                else:
                    running[pool.submit(_timed, do, step, dict(outcomes))] = step
                    fresh.append(Begun(step))
            # All of them are under way before the first is told: to tell takes longer than to begin.
            yield from fresh
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                step = running.pop(future)
                if error := future.exception():
                    broken = broken or error
                    continue
                outcomes[step.id], seconds = future.result()
                yield Done(step, outcomes[step.id], seconds)
    if broken is not None:
        raise broken


def _able(plan: Plan, outcomes: Mapping[StepId, Outcome], running: _Running) -> list[Step]:
    begun = {step.id for step in running.values()}
    return [step for step in ready(plan, outcomes) if step.id not in begun]


def _held_back(step: Step, outcomes: Mapping[StepId, Outcome], cancel: Cancel) -> Outcome | None:
    if need := blocker(step, outcomes):
        return Skipped(why=f"{need} did not succeed")
    return Cancelled(why="a newer wish took over") if cancel.is_set() else None


def _timed(do: Do, step: Step, outcomes: Mapping[StepId, Outcome]) -> tuple[Outcome, float]:
    start = time.monotonic()
    outcome = do(step, outcomes)
    return outcome, time.monotonic() - start
