"""Chunks of bytes as they come → whole lines of text. Pure."""

from collections.abc import Sequence

from bot.core.wire import Log, tell

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
        first, ended, more = chunk.partition(b"\n")
        self._keep(first)
        if not ended:
            return
        whole, ended, rest = more.rpartition(b"\n")
        tell(self._log, [self._taken(), *(self._lines(whole) if ended else ())])
        self._keep(rest)

    def end(self) -> None:
        """Tell a last line that had no line end."""
        if self._kept:
            self._log(self._taken())

    def _lines(self, whole: bytes) -> Sequence[str]:
        """Lines that came whole: all in one go, unless there is something to cut."""
        parts = whole.split(b"\n")
        if b"\r" not in whole and max(map(len, parts)) <= self._limit:
            return whole.decode(errors="replace").split("\n")
        return [self._whole(part) for part in parts]

    def _whole(self, part: bytes) -> str:
        self._keep(part)
        return self._taken()

    def _keep(self, part: bytes) -> None:
        room = self._limit - len(self._kept)
        self._kept += part[:room]
        self._cut = self._cut or len(part) > room

    def _taken(self) -> str:
        text = bytes(self._kept).removesuffix(b"\r").decode(errors="replace")
        told = text + _CUT if self._cut else text
        self._kept.clear()
        self._cut = False
        return told
