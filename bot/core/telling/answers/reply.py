"""Several answers to one comment as one reply, and how much room each has."""

from collections.abc import Callable, Iterable

from bot.core.telling.comment import LIMIT
from bot.core.telling.markdown import size

_BETWEEN = "\n\n---\n\n"


def reply(answers: Iterable[str]) -> str:
    """The answers in their order, with a rule between them."""
    return _BETWEEN.join(answer.strip("\n") for answer in answers) + "\n"


def room(number: int) -> int:
    """How long each of so many answers may be in UTF-16 units, so that all go into one reply."""
    return LIMIT // max(number, 1) - len(_BETWEEN)


def fitted(written: Callable[[int], str], sizes: Iterable[int], limit: int) -> str:
    """The text of the first of these sizes that is short enough, else that of the last."""
    text = ""
    for each in sizes:
        if size(text := written(each)) <= limit:
            break
    return text
