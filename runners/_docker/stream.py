"""What a container prints, drained in a thread of its own: a reader that stalls would stall the container."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.core.wire import Log, begin_anew, tell
from runners._docker.engine import Engine
from runners._lines import Lines

if TYPE_CHECKING:
    from docker.types import CancellableStream

_FORGETTING = 6 * 2**20
"""Bytes of a kept log from which on its beginning may be gone; the engine's own limit is a little above."""
_AROUND = 74
"""Bytes that the engine writes around each line."""
_FORGOTTEN = "… taken up again after a restart: more was printed than the engine keeps, so lines may be missing here …"
_CLOSING = 10.0
_GLANCE = 0.1

Chunks = Iterable[tuple[bytes | None, bytes | None]]


class Told:
    """A log that remembers how many lines it took and which was the last, so that a container may be read again."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._skip = 0
        self.count = 0
        self.last = ""

    def __call__(self, line: str) -> None:
        """Take one line, unless it was told before."""
        self.many((line,))

    def many(self, lines: Sequence[str]) -> None:
        """Take lines, without those that were told before."""
        fresh = lines[self._skip :]
        self._skip -= len(lines) - len(fresh)
        if fresh:
            self.count += len(fresh)
            self.last = fresh[-1]
            tell(self._log, fresh)

    def anew(self) -> None:
        """Pass it on."""
        begin_anew(self._log)

    def again(self) -> "Told":
        """The same log, about to be told everything from the beginning."""
        self._skip = self.count
        return self


class Watch:
    """One container's lines, then its end. `attached` before the start loses no line; later it reads what was kept."""

    def __init__(self, engine: Engine, container: str, log: Log, *, attached: bool) -> None:
        self.over = threading.Event()
        """Set once every line was told and the container has ended, or the engine has failed us."""
        self._engine = engine
        self._container = container
        self._error: Exception | None = None
        self._attached = attached
        self._stream, chunks = _attached(engine, container) if attached else _kept(engine, container)
        threading.Thread(target=self._drain, args=(chunks, log), name=f"watch {container[:12]}", daemon=True).start()

    def result(self, patience: float) -> None:
        """Wait for the end; raises what the engine raised."""
        self.over.wait(patience)
        if self._error is not None:
            raise self._error

    def drop(self) -> None:
        """Let go of a container that never started."""
        self._stream.close()

    def _drain(self, chunks: Chunks, log: Log) -> None:
        try:
            if not self._attached and _forgetting(self._engine, self._container):
                begin_anew(log)
                log(_FORGOTTEN)
            _tell(chunks, log)
            self._engine.api.wait(self._container)
        except Exception as error:  # noqa: BLE001 - carried to the thread that waits for the result
            self._error = error
        finally:
            self.over.set()


class Following:
    """The lines of a container that may outlive our interest in them."""

    def __init__(self, engine: Engine, container: str, log: Log) -> None:
        self._stream, chunks = _kept(engine, container)
        self._thread = threading.Thread(target=_tell, args=(chunks, log), name=f"follow {container[:12]}", daemon=True)
        self._thread.start()

    def rest(self) -> None:
        """Take the last lines of a container that has ended."""
        self._thread.join(_CLOSING)
        self.end()

    def end(self) -> None:
        """Take no more lines."""
        self._stream.close()
        self._thread.join(_CLOSING)


class Tending:
    """The lines of a container that the engine starts again whenever it ends; attached before it is started first."""

    def __init__(self, engine: Engine, container: str, log: Log, *, attached: bool) -> None:
        self._engine, self._container, self._log = engine, container, log
        self._over = threading.Event()
        self._stream, chunks = _attached(engine, container) if attached else _kept(engine, container)
        self._thread = threading.Thread(target=self._tend, args=(chunks,), name=f"tend {container[:12]}", daemon=True)
        self._thread.start()

    def rest(self) -> None:
        """Take the last lines of a container that goes on no more."""
        self._thread.join(_CLOSING)
        self.end()

    def end(self) -> None:
        """Take no more lines."""
        self._over.set()
        self._stream.close()
        self._thread.join(_CLOSING)

    def _tend(self, chunks: Chunks) -> None:
        # The log was read to its end: an engine that fails us here is met by whoever asks how the container is.
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        with suppress(DockerException, RequestException, OSError):
            while not self._over.is_set():
                seen = self._engine.seen(self._container)
                before = seen.began if seen else None
                _tell(chunks, self._log)
                began = self._again(before)
                if began is None:
                    return
                self._stream, chunks = _kept(self._engine, self._container, since=began)

    def _again(self, before: datetime | None) -> datetime | None:
        """Wait for its next start; None where there will be none."""
        while not self._over.wait(_GLANCE):
            seen = self._engine.seen(self._container)
            if seen is None or seen.ended:
                return None
            if seen.running and seen.began != before:
                return seen.began
        return None


def lines(engine: Engine, container: str, *, follow: bool) -> Iterator[str]:
    """The container's lines from its beginning."""
    told: list[str] = []
    cutter = Lines(lambda line: told.append(line))
    for chunk in engine.streams.logs(container, stream=True, follow=follow):
        cutter.feed(chunk)
        yield from told
        told.clear()
    cutter.end()
    yield from told


def _tell(chunks: Chunks, log: Log) -> None:
    out, err = Lines(log), Lines(log)
    for printed, complained in chunks:
        out.feed(printed or b"")
        err.feed(complained or b"")
    out.end()
    err.end()


def _forgetting(engine: Engine, container: str) -> bool:
    """Whether so much was printed that the engine may have let go of the beginning."""
    size = 0
    for chunk in engine.streams.logs(container, stream=True, follow=False):
        size += len(chunk) + _AROUND * chunk.count(b"\n")
        if size > _FORGETTING:
            return True
    return False


def _attached(engine: Engine, container: str) -> tuple["CancellableStream[Any]", Chunks]:
    stream = engine.api.attach(container, stream=True, logs=False, demux=True)
    return stream, stream


def _kept(engine: Engine, container: str, *, since: datetime | None = None) -> tuple["CancellableStream[Any]", Chunks]:
    stream = engine.streams.logs(container, stream=True, follow=True, since=since.timestamp() if since else None)
    return stream, ((chunk, None) for chunk in stream)
