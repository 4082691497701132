"""What our own log warns of while a step tells the pull: a CI shows it also to who does not read the log."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from bot.core.masking import Masker

TELLERS = ("bot.forges", "bot.telling")


class Overheard(logging.Handler):
    """Each warning once, masked, in the order of the first."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(logging.WARNING)
        self._masker = Masker(secrets)
        self._said: dict[str, None] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences of ours, with what a forge answered in them."""
        return tuple(self._said)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self._said.setdefault(self._masker.mask(record.getMessage()))


@contextmanager
def overheard(secrets: Iterable[str]) -> Iterator[Overheard]:
    """Listen while this lasts."""
    heard, tellers = Overheard(secrets), [logging.getLogger(name) for name in TELLERS]
    for teller in tellers:
        teller.addHandler(heard)
    try:
        yield heard
    finally:
        for teller in tellers:
            teller.removeHandler(heard)
