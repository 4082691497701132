"""Whatever order a pull's events come in, once or twice, with turns wherever: the end is what the forge shows."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import pytest

from bot.core import events
from bot.core.deciding.decide import Situation, decide
from bot.core.deciding.lane import Lane, settle, take
from bot.core.deciding.plan import Plan
from bot.core.deciding.turns import actual
from bot.core.events import Event, Happening, Ignored, Pull, Want
from bot.core.model import Service, Spec
from bot.core.names import Name, Sha
from bot.core.standing import Standing
from tests.core.test_decide import KEY, PULL, TRUSTED, placed

SPEC = Spec(version=1, services={Name("web"): Service(image="busybox")})
FIRST, SECOND, THIRD = (Sha(f"{number:040x}") for number in (1, 2, 3))
TOLD = (
    (Happening.OPENED, FIRST),
    (Happening.PUSHED, SECOND),
    (Happening.PUSHED, THIRD),
    (Happening.CLOSED, THIRD),
    (Happening.REOPENED, THIRD),
)
SHOWN = {
    "open": replace(PULL, head=THIRD),
    "closed": replace(PULL, head=THIRD, open=False),
    "draft": replace(PULL, head=THIRD, draft=True),
    "back at the first commit": replace(PULL, head=FIRST),
}


EVENTS = tuple(
    Event(delivery=f"d{number}", happening=happening, key=KEY, repository="acme/shop", sha=sha, actor="ana")
    for number, (happening, sha) in enumerate(TOLD)
)


def orders() -> Iterator[tuple[int, ...]]:
    """Every order of the five, one of them twice."""
    for twice in range(len(TOLD)):
        yield from sorted(set(permutations([*range(len(TOLD)), twice])))


class Model:
    """A lane and what stands, without anything around them."""

    def __init__(self, pull: Pull) -> None:
        self.pull = pull
        self.lane: Lane | None = None
        self.stands: Standing | None = None
        self.turns = 0

    def hear(self, told: Event) -> None:
        taken = take(self.lane, events.wish(told))
        self.lane = self.lane if isinstance(taken, Ignored) else taken

    def settle(self) -> None:
        while self.lane is not None and self.lane.due:
            self.turns += 1
            assert self.turns < 50, "the turns have no end"
            self.lane = self._turn(self.lane)

    def _turn(self, lane: Lane) -> Lane:
        meant = actual(lane.current, self.pull)
        if meant != lane.current:
            taken = take(lane, meant)
            assert isinstance(taken, Lane)
            return taken
        found = Situation(wish=meant, pull=self.pull, spec=SPEC, stands=self.stands, trust=TRUSTED)
        decided = decide(found)
        if isinstance(decided, Plan):
            self.stands = self._after(decided.want)
        return settle(lane)

    def _after(self, want: Want) -> Standing | None:
        if want is Want.DELETE:
            return None
        if want is Want.STOP:
            return self.stands and replace(self.stands.noticing(self.pull), down=True)
        return Standing(
            key=KEY,
            repository="acme/shop",
            generation=1,
            sha=self.pull.head,
            serving=self.pull.head,
            nodes={Name("web"): placed(Name("web"), SPEC.services[Name("web")], frozenset())},
            spec=SPEC,
            pull=self.pull,
        )


def fits(stands: Standing | None, pull: Pull) -> bool:
    """A closed pull has nothing, an open one its head, and of a draft nothing runs."""
    if not pull.open:
        return stands is None
    if pull.draft:
        return stands is None or stands.down
    return stands is not None and stands.serving == pull.head and not stands.down


@pytest.mark.parametrize(
    ("shown", "every"), [*((shown, 1) for shown in SHOWN), ("open", len(TOLD) + 1), ("closed", len(TOLD) + 1)]
)
def test_every_order_ends_in_what_the_forge_shows_with_a_turn_after_each_of_them_or_several(shown, every) -> None:
    pull = SHOWN[shown]
    for order in orders():
        model = Model(pull)
        for place, number in enumerate(order, 1):
            model.hear(EVENTS[number])
            if place % every == 0:
                model.settle()
        assert fits(model.stands, pull), order


def test_every_order_ends_well_while_the_pull_still_moves() -> None:
    """At each delivery the forge shows at least what is delivered."""
    for order in orders():
        model, furthest = Model(PULL), 0
        for number in order:
            furthest = max(furthest, number)
            happening, sha = TOLD[furthest]
            model.pull = replace(PULL, head=sha, open=happening is not Happening.CLOSED)
            model.hear(EVENTS[number])
            model.settle()
        assert fits(model.stands, model.pull), order
