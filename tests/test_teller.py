"""Telling while more comes, while the forge is slow, and while it wants to be left alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from bot.core.errors import Limited, Unavailable
from bot.core.events import Pull
from bot.core.report import Report, State
from bot.forges.memory import MemoryForge
from bot.telling.teller import UNTOLD, Teller
from tests.core.reports import KEY, NEW, QUEUED
from tests.world.bot import wait

PULL = Pull(
    key=KEY, repository="acme/shop", branch="feature", head=NEW, base="main", author="ana", open=True, fork=False
)
LONG = timedelta(hours=1)
NONE = timedelta(0)


class Listener(MemoryForge):
    """Hears every call; what is in `errors` it answers first, and before it answers at all it waits for `free`."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.free = Event()
        self.free.set()
        self._errors = list(errors)

    def tell(self, pull: Pull, report: Report) -> None:
        self.heard.append(report.why)
        assert self.free.wait(20)
        if self._errors:
            raise self._errors.pop(0)
        super().tell(pull, report)


def said(why: str) -> Report:
    return replace(QUEUED, state=State.DEPLOYING, why=why)


def hears(forge: Listener, *whys: str) -> Callable[[], bool]:
    return lambda: forge.heard == list(whys)


def test_while_a_call_is_under_way_only_the_newest_waits() -> None:
    forge = Listener()
    forge.free.clear()
    teller = Teller(forge, PULL, pace=NONE)
    teller.say(said("first"))
    wait(hears(forge, "first"), "the first call")
    for why in ("second", "third", "fourth"):
        teller.say(said(why))
    forge.free.set()
    assert teller.finish() is None
    assert forge.heard == ["first", "fourth"]


def test_calls_keep_their_pace_and_the_turns_end_waits_for_none() -> None:
    forge = Listener()
    teller = Teller(forge, PULL, pace=LONG)
    teller.say(said("first"))
    wait(lambda: forge.comment(KEY) is not None, "the first call")
    teller.say(said("second"))
    teller.say(said("third"))
    assert teller.finish() is None
    assert forge.heard == ["first", "third"]


def test_what_a_limit_held_back_is_told_when_it_ends_although_nothing_new_has_happened() -> None:
    forge = Listener(Limited("too much", until=datetime.now(UTC) + timedelta(seconds=0.1)))
    teller = Teller(forge, PULL, pace=NONE)
    teller.say(said("first"))
    wait(lambda: forge.comment(KEY) is not None, "the comment")
    assert teller.finish() is None
    assert forge.heard == ["first", "first"]


def test_after_a_limit_the_newest_is_told_not_what_it_held_back() -> None:
    until = datetime.now(UTC) + LONG
    forge = Listener(Limited("too much", until=until))
    teller = Teller(forge, PULL, pace=NONE)
    teller.say(said("first"))
    wait(hears(forge, "first"), "the first call")
    teller.say(said("second"))
    teller.finish()
    assert forge.heard == ["first", "second"]


def test_the_end_of_a_turn_does_not_sit_out_a_limit_but_knows_when_it_ends() -> None:
    until = datetime.now(UTC) + LONG
    teller = Teller(Listener(*[Limited("too much", until=until)] * 2), PULL)
    teller.say(said("first"))
    assert teller.finish() == until


@pytest.mark.parametrize("error", [Unavailable("away"), ValueError("a fault of ours")], ids=["theirs", "ours"])
def test_what_a_forge_does_not_take_is_told_again_a_little_later(error: Exception) -> None:
    teller = Teller(Listener(*[error] * 2), PULL)
    teller.say(said("first"))
    again = teller.finish()
    assert again is not None
    assert timedelta(0) < again - datetime.now(UTC) <= UNTOLD


def test_a_turn_that_says_nothing_ends_at_once() -> None:
    assert Teller(MemoryForge(), PULL).finish() is None
