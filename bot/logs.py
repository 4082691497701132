"""Our own log: one line an event for people, on standard error; nothing secret passes."""

import logging
from collections.abc import Iterable
from typing import IO

from bot.core.masking import Masker

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class _Masked(logging.Formatter):
    def __init__(self, masker: Masker) -> None:
        super().__init__(FORMAT)
        self._masker = masker

    def format(self, record: logging.LogRecord) -> str:
        return self._masker.mask(super().format(record))


def set_up(stream: IO[str], *, level: int, secrets: Iterable[str]) -> None:
    """Send what `logging` gets to the stream, masked, tracebacks included."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Masked(Masker(secrets)))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("urllib3", "docker", "alembic", "waitress", "github"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
