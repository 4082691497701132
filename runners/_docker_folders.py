"""The output folders of attempts that begin at the same moment, made for all of them at once.

To put a folder into a container costs the engine more than the container does, and for ten volumes as much as for one.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from secrets import token_hex
from threading import Lock

from runners import _docker_archive as archive
from runners._docker_engine import Engine

_ASIDE = "/.matinee-"


class Folders:
    """Makes the roots of volumes writable for anyone; who finds the seat free does it for all that wait."""

    def __init__(self) -> None:
        self._counting = Lock()
        self._beginning = 0
        self._seat = Lock()
        self._queue: deque[tuple[str, Future[bool]]] = deque()

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

    def opened(self, engine: Engine, volume: str, image: str, labels: Mapping[str, str]) -> bool:
        """Open this volume to anyone, with those of others; False where it is left to the caller to do it alone."""
        if self._beginning < 2:
            return False
        done: Future[bool] = Future()
        self._queue.append((volume, done))
        with self._seat:
            if not done.done():
                self._open_all(engine, image, labels)
        return done.result()

    def _open_all(self, engine: Engine, image: str, labels: Mapping[str, str]) -> None:
        asked = [self._queue.popleft() for _ in range(len(self._queue))]
        opened = False
        try:
            with suppress(Exception):  # each then does it alone, and meets what is wrong for itself
                _open(engine, [volume for volume, _ in asked], image, labels)
                opened = True
        finally:
            for _, done in asked:
                done.set_result(opened)


def _open(engine: Engine, volumes: list[str], image: str, labels: Mapping[str, str]) -> None:
    paths = {f"{_ASIDE}{number}": volume for number, volume in enumerate(volumes)}
    options = {"Type": "volume", "VolumeOptions": {"NoCopy": True}}
    mounts = [{**options, "Source": volume, "Target": path} for path, volume in paths.items()]
    body = {"Image": image, "Cmd": ["never"], "Labels": dict(labels), "HostConfig": {"Mounts": mounts}}
    # Its name is of no use to anybody: whoever is here after a crash asks for other volumes.
    made = engine.create(body, f"matinee-folders-{token_hex(6)}")
    try:
        engine.api.put_archive(made, "/", archive.packed(*map(archive.shared, paths)))
    finally:
        engine.vanish(made)
