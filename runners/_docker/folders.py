"""The output folders of attempts that begin at the same moment, made for all of them at once.

To put a folder into a container costs the engine more than the container does, and for ten volumes as much as for one.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from secrets import token_hex
from threading import Lock

from runners._docker import archive
from runners._docker.engine import Engine

_ASIDE = "/.matinee-"
Asked = Future[bool]
"""A place in the queue."""


class Folders:
    """Makes the roots of volumes writable for anyone; who finds the seat free does it for all that wait."""

    def __init__(self) -> None:
        self._counting = Lock()
        self._beginning = 0
        self._seat = Lock()
        self._queue: deque[tuple[str, Asked]] = deque()

    @contextmanager
    def beginning(self) -> Iterator[None]:
        """While this is open, somebody is about to ask for one."""
        with self._counting:
            self._beginning += 1
        try:
            yield
        finally:
            with self._counting:
                self._beginning -= 1

    @contextmanager
    def asked(self, volume: str) -> Iterator[Asked | None]:
        """Ask to open a volume to anyone; None where nobody else begins, and the caller had better do it alone."""
        if self._beginning < 2:
            yield None
            return
        done: Asked = Future()
        self._queue.append((volume, done))
        try:
            yield done
        finally:
            done.cancel()

    def opened(self, asked: Asked | None, engine: Engine, image: str, labels: Mapping[str, str]) -> bool:
        """Whether it is open now, with all that others have asked for by now."""
        if asked is None:
            return False
        spent = ""
        with self._seat:
            if not asked.done():
                spent = self._open_all(engine, image, labels)
        if spent:
            engine.vanish(spent)
        return asked.result()

    def _open_all(self, engine: Engine, image: str, labels: Mapping[str, str]) -> str:
        """Open all that is asked for; the container that is needed no more."""
        waiting = [self._queue.popleft() for _ in range(len(self._queue))]
        asked = [(volume, done) for volume, done in waiting if done.set_running_or_notify_cancel()]
        made, opened = "", False
        try:
            with suppress(Exception):  # each then does it alone, and meets what is wrong for itself
                paths = {f"{_ASIDE}{number}": volume for number, (volume, _) in enumerate(asked)}
                made = _mounting(engine, paths, image, labels)
                engine.api.put_archive(made, "/", archive.packed(*map(archive.shared, paths)))
                opened = True
        finally:
            for _, done in asked:
                done.set_result(opened)
        return made


def _mounting(engine: Engine, paths: Mapping[str, str], image: str, labels: Mapping[str, str]) -> str:
    """A container that is never started, with all these volumes."""
    options = {"Type": "volume", "VolumeOptions": {"NoCopy": True}}
    mounts = [{**options, "Source": volume, "Target": path} for path, volume in paths.items()]
    body = {"Image": image, "Cmd": ["never"], "Labels": dict(labels), "HostConfig": {"Mounts": mounts}}
    # Its name is of no use to anybody: whoever is here after a crash asks for other volumes.
    return engine.create(body, f"matinee-folders-{token_hex(6)}")
