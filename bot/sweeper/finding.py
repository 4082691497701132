"""What a sweep has found, and what was done about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.world import World


class Act(StrEnum):
    """What follows from a finding."""

    DEPLOY = "deploy"
    LOOK = "look"
    """It may be that it is to be previewed no more, or from now on."""
    DELETE = "delete"
    SLEEP = "sleep"
    ANNOUNCE = "announce"
    RECEIVE = "receive"
    ASK = "ask"
    """Somebody has to say that it is meant."""
    NOTHING = "nothing"
    WAIT = "wait"
    """Something does not answer; it is looked at again the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One of them. `subject` is an environment's id, or a forge's or repository's."""

    look: str
    subject: str
    why: str
    act: Act
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a sweep is gone about."""

    since: datetime
    """From when on deliveries may have been lost."""
    act: bool = True
    yes: bool = False
    """However many are deleted at once, it is meant."""


class Look(Protocol):
    """One kind of sweep."""

    def __call__(self, world: World, terms: Terms) -> Iterator[Finding]:
        """Look, and act where the terms let it."""
        ...
