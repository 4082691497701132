"""The ways in which a pull is told what happens, each of which may be left out."""

from enum import StrEnum

from bot.core.errors import Misused


class Channel(StrEnum):
    """One of them."""

    COMMENT = "comment"
    STATUS = "status"
    """The commit's, and a check run where there is one."""
    DEPLOYMENT = "deployment"


ALL = frozenset(Channel)


def channels(text: str) -> frozenset[Channel]:
    """`true` is all of them, `false` none; else it names them."""
    words = text.lower().replace(",", " ").split()
    match words:
        case ["true"]:
            return ALL
        case ["false"]:
            return frozenset()
        case [_, *_] if ALL.issuperset(words):
            return frozenset(map(Channel, words))
        case _:
            raise Misused(f"MATINEE_TELL: {text!r} is neither true nor false, nor names of {', '.join(Channel)}")
