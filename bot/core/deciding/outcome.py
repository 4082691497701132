"""How a step ended, what is ready to begin, and what holds the rest back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.core.events import Want
from bot.core.names import StepId

if TYPE_CHECKING:
    from bot.core.deciding.plan import Plan, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """Done. `image` is what a build made or a pin found."""

    why: str = ""
    image: str = ""
    attempts: int = 1
    needless: bool = False
    """There was nothing to do: a job that need not run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The user's work failed; the reason in words, the last lines as they were printed (masked)."""

    why: str
    tail: tuple[str, ...] = ()
    printed: int = 0
    """How many lines it printed, of which `tail` has the last."""
    file: str = ""
    line: int | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Never begun, because of something before it."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """Given up for something newer."""

    why: str


Outcome = Succeeded | Failed | Skipped | Cancelled


def ready(plan: "Plan", outcomes: Mapping[StepId, Outcome]) -> tuple["Step", ...]:
    """The steps that may begin now: not ended, and all that they wait for has ended."""
    return tuple(step for step in plan.steps if step.id not in outcomes and step.waits <= outcomes.keys())


def blocker(step: "Step", outcomes: Mapping[StepId, Outcome]) -> StepId | None:
    """The step that will never succeed and that this one needs, if there is one."""
    return next((need for need in sorted(step.needs) if _lost(outcomes.get(need))), None)


def cleaned(outcome: Outcome, mask: Callable[[str], str]) -> Outcome:
    """The same in words that went through a mask: a reason may quote what an engine or a probe answered."""
    why = mask(outcome.why)
    return (
        replace(outcome, why=why, tail=tuple(map(mask, outcome.tail)))
        if isinstance(outcome, Failed)
        else replace(outcome, why=why)
    )


def stays(outcome: Outcome, want: Want) -> bool:
    """Whether a turn that goes on where another ended need not do the step again: a delete tries its failures again."""
    return isinstance(outcome, Succeeded) or (isinstance(outcome, Failed) and want is not Want.DELETE)


def _lost(outcome: Outcome | None) -> bool:
    return outcome is not None and not isinstance(outcome, Succeeded)
