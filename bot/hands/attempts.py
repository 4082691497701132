"""One run of a job: attempt by attempt, each in a fresh group, then what it owes and what it left."""

from dataclasses import dataclass, replace
from functools import partial

from bot.core.deciding.outcome import Failed, Outcome, Succeeded
from bot.core.group import Ended, Ending, Group, Result, Unfit, ending
from bot.core.model import JobEvent, Outputs
from bot.core.names import StepId
from bot.hands import outputs
from bot.hands.grip import Grip, lost, regretted
from bot.tail import Tail


@dataclass(frozen=True, slots=True)
class _Attempt:
    """How one attempt ended, and whether there is another: if not, its poststop tasks have run."""

    outcome: Outcome
    another: bool


def attempts(grip: Grip, step: StepId, group: Group, expects: Outputs) -> Outcome:
    """Try until one attempt succeeds or none is left; then its poststop tasks, once."""
    first, secret = grip.spent.get(step, 0) + 1, frozenset(grip.masks.hidden)
    for number in range(first, first + group.restarts + 1):
        last = number == first + group.restarts
        made = grip.logged(step, partial(_attempt, grip, group, expects, number, last=last), attempt=number)
        if not made.another:
            grip.hide(step, known=secret)
            return _numbered(made.outcome, number)
    raise AssertionError("the last attempt has no other after it")


def _attempt(grip: Grip, group: Group, expects: Outputs, attempt: int, log: Tail, *, last: bool) -> _Attempt:
    ended = grip.runner.run(grip.home, group, attempt=attempt, log=log, cancel=grip.cancel)
    outcome = _judged(grip, group, expects, ended, log)
    if isinstance(outcome, Failed) and not last and not grip.cancel.is_set():
        return _Attempt(outcome, another=True)
    after = grip.runner.finish(grip.home, group, attempt=attempt, ending=_told(ended, outcome, group), log=log)
    return _Attempt(_with(outcome, regretted((*ended.lost, *after), group)), another=False)


def _judged(grip: Grip, group: Group, expects: Outputs, ended: Ended, log: Tail) -> Outcome:
    if not ended.succeeded:
        return lost(ended, group, log)
    found = outputs.left(grip, group.name, JobEvent(group.event or ""), ended, expects)
    if isinstance(found, Unfit):
        return Failed(why=found.why, tail=log.last, printed=log.count)
    return Succeeded(why=found)


def _told(ended: Ended, outcome: Outcome, group: Group) -> Ending:
    """What the poststop tasks are told: a job whose output file cannot be used has failed, whatever its exit code."""
    if ended.succeeded and isinstance(outcome, Failed):
        return Ending(result=Result.FAILED, task=group.name, code=ended.code)
    return ending(ended, group)


def _with(outcome: Outcome, why: str) -> Outcome:
    if not why or not isinstance(outcome, Succeeded | Failed):
        return outcome
    return replace(outcome, why="; ".join(part for part in (outcome.why, why) if part))


def _numbered(outcome: Outcome, attempt: int) -> Outcome:
    return replace(outcome, attempts=attempt) if isinstance(outcome, Succeeded | Failed) else outcome
