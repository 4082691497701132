"""Two ways to the same end, taken in turn: medians, their ratio, and how far it strayed. Pure but for calling them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Ours = TypeVar("Ours")
Theirs = TypeVar("Theirs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One figure: the seconds of both sides, round by round."""

    name: str
    against: str
    """What the other side is."""
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    target: float | None = None
    """The ratio that is aimed for, at most; None where there is none."""

    @property
    def value(self) -> float:
        """Median over median."""
        return median(self.ours) / median(self.theirs)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the greatest ratio of any one round."""
        each = [our / their for our, their in zip(self.ours, self.theirs, strict=True)]
        return min(each), max(each)


def in_turn(ours: Callable[[], Ours], theirs: Callable[[], Theirs], rounds: int) -> list[tuple[Ours, Theirs]]:
    """Measure both in each round; who goes first changes, so that neither always finds the machine warm."""
    found = []
    for number in range(rounds):
        if number % 2:
            their, our = theirs(), ours()
        else:
            our, their = ours(), theirs()
        found.append((our, their))
    return found


def told(ratio: Ratio) -> str:
    """The figure in one line."""
    low, high = ratio.spread
    target = "" if ratio.target is None else f"  target ≤ {ratio.target:.2f}"
    return (
        f"{ratio.name:<34} {ratio.value:5.2f} × {ratio.against}  ({low:.2f}–{high:.2f} in {len(ratio.ours)} rounds; "
        f"{_seconds(ratio.ours)} over {_seconds(ratio.theirs)}){target}"
    )


def document(ratio: Ratio) -> dict[str, object]:
    """The figure with every measure of it, for a script."""
    low, high = ratio.spread
    return {
        "name": ratio.name,
        "against": ratio.against,
        "ratio": ratio.value,
        "least": low,
        "greatest": high,
        "target": ratio.target,
        "ours": list(ratio.ours),
        "theirs": list(ratio.theirs),
    }


def _seconds(taken: Sequence[float]) -> str:
    middle = median(taken)
    return f"{middle * 1000:.1f} ms" if middle < 1 else f"{middle:.2f} s"
