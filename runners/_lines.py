"""Chunks of bytes as they come → whole lines of text. Pure."""

from bot.core.wire import Log

LIMIT = 16 * 1024
_CUT = " … (cut)"


class Lines:
    """Cuts one stream into lines; a line longer than the limit loses its end."""

    def __init__(self, log: Log, *, limit: int = LIMIT) -> None:
        self._log = log
        self._limit = limit
        self._kept = bytearray()
        self._cut = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; every line that they complete is told."""
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            self._keep(part)
            self._tell()
        self._keep(rest)

    def end(self) -> None:
        """Tell a last line that had no line end."""
        if self._kept:
            self._tell()

    def _keep(self, part: bytes) -> None:
        room = self._limit - len(self._kept)
        self._kept += part[:room]
        self._cut = self._cut or len(part) > room

    def _tell(self) -> None:
        text = bytes(self._kept).removesuffix(b"\r").decode(errors="replace")
        self._log(text + _CUT if self._cut else text)
        self._kept.clear()
        self._cut = False
