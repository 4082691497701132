"""One attempt's log while it is written: numbers the lines, keeps the head and the tail, writes now and then."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType

from bot.core.errors import Unavailable
from bot.inbox.chunks import Lines

CHUNK = 64 * 1024
HEAD = 2 * 1024 * 1024
TAIL = 2 * 1024 * 1024
LINE = 64 * 1024
"""Characters of one line that are kept."""
AGE = timedelta(seconds=1)
_NO_LINE = 2**31 - 1
"""More than the number of any line."""

Write = Callable[[Sequence[Lines], tuple[int, int] | None], None]
"""Writes lines, and removes all between two numbers."""


@dataclass(slots=True)
class _Chunk:
    first: int
    lines: list[str] = field(default_factory=list)
    size: int = 0
    saved: int = 0
    """How many of the lines are written."""

    @property
    def next(self) -> int:
        return self.first + len(self.lines)


class LogBook:
    """A `bot.core.wire.Log`. The same lines written again, as after a restart, take their own places."""

    def __init__(self, write: Write, clock: Callable[[], datetime]) -> None:
        self._write = write
        self._clock = clock
        self._lock = threading.Lock()
        self._chunks = deque([_Chunk(0)])
        self._head = 0
        self._head_end: int | None = None
        self._tail = 0
        self._failing = False
        self._anew = False
        self._tried_at = clock()

    def __call__(self, line: str) -> None:
        """Take one line; it is kept in memory while the database does not answer."""
        self.many((line,))

    def many(self, lines: Sequence[str]) -> None:
        """Take lines that follow each other, a chunk of them at most."""
        with self._lock:
            full = self._take(lines)
            urgent = full and self._head_end is None and not self._failing
            if urgent or self._late:
                self._try_to_save()

    def keep_up(self) -> None:
        """Write what has waited long enough: a program that falls silent would leave its last lines unseen."""
        with self._lock:
            if self._late:
                self._try_to_save()

    def anew(self) -> None:
        """Begin a log of which an earlier writer has told more than will come again."""
        self._anew = True

    def flush(self) -> None:
        """Write all that is not written yet."""
        with self._lock:
            self._save()

    def close(self) -> None:
        """Write the rest; of a log that was begun anew nothing older stays behind its end."""
        with self._lock:
            self._save()
            if self._anew:
                self._write((), (self._chunks[-1].next - 1, _NO_LINE))

    def __enter__(self) -> "LogBook":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def _late(self) -> bool:
        return self._clock() - self._tried_at >= AGE

    def _take(self, lines: Sequence[str]) -> bool:
        """Put the lines into the last chunk; whether that filled it."""
        if max(map(len, lines), default=0) > LINE:
            lines = tuple(map(_cut, lines))
        chunk = self._chunks[-1]
        chunk.lines += lines
        chunk.size += sum(map(len, lines)) + len(lines)
        if chunk.size < CHUNK:
            return False
        self._turn_page(chunk)
        return True

    def _turn_page(self, full: _Chunk) -> None:
        self._chunks.append(_Chunk(full.next))
        if self._head_end is None:
            self._head += full.size
            self._head_end = full.next - 1 if self._head >= HEAD else None
            return
        self._tail += full.size
        while self._tail > TAIL:
            self._tail -= self._drop_oldest_of_tail()

    def _drop_oldest_of_tail(self) -> int:
        at = next(index for index, chunk in enumerate(self._chunks) if self._in_tail(chunk))
        size = self._chunks[at].size
        del self._chunks[at]
        return size

    def _in_tail(self, chunk: _Chunk) -> bool:
        return self._head_end is not None and chunk.first > self._head_end

    def _try_to_save(self) -> None:
        try:
            self._save()
        except Unavailable:
            # A log may not stop the work; `close` says it if it stays so.
            self._failing = True

    def _save(self) -> None:
        self._tried_at = self._clock()
        unsaved = [chunk for chunk in self._chunks if chunk.saved < len(chunk.lines)]
        if unsaved:
            self._write([Lines(first=chunk.first, lines=tuple(chunk.lines)) for chunk in unsaved], self._left_out())
        self._failing = False
        for chunk in unsaved:
            chunk.saved = len(chunk.lines)
        self._forget_the_saved_head()

    def _left_out(self) -> tuple[int, int] | None:
        tail = next((chunk for chunk in self._chunks if self._in_tail(chunk)), None)
        if tail is None or self._head_end is None or tail.first == self._head_end + 1:
            return None
        return self._head_end, tail.first

    def _forget_the_saved_head(self) -> None:
        kept = (chunk for chunk in self._chunks if chunk is self._chunks[-1] or self._in_tail(chunk))
        self._chunks = deque(kept)


def _cut(line: str) -> str:
    return line if len(line) <= LINE else f"{line[:LINE]} … {len(line) - LINE:,} characters left out …"
