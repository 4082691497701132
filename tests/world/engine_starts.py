"""Every container of an environment that is started, written down as it happens: the engine itself soon forgets."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import docker

from tests.world.bot import wait


class Starts:
    """What was started so far; read it as often as wanted."""

    def __init__(self, environment: str) -> None:
        self._client = docker.from_env()
        self._label = f"matinee.dev/environment={environment}"
        self._stream = self._client.events(decode=True, filters={"event": "start", "type": "container"})
        self._seen: list[dict[str, str]] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def attributes(self) -> list[dict[str, str]]:
        """Labels and name of each start, in their order, up to this moment."""
        marker = self._client.containers.create("busybox", ["true"], labels={"matinee.dev/marker": "1"})
        marker.start()
        wait(lambda: any(each.get("name") == marker.name for each in self._seen), "the engine to tell of a start")
        marker.remove(force=True)
        name, _, value = self._label.partition("=")
        return [each for each in self._seen if each.get(name) == value]

    def close(self) -> None:
        """Listen no more."""
        self._stream.close()
        self._client.close()

    def _read(self) -> None:
        with contextlib.suppress(Exception):
            for event in self._stream:
                self._note(event)

    def _note(self, event: dict[str, Any]) -> None:
        self._seen.append(event["Actor"]["Attributes"])


@contextmanager
def started(environment: str) -> Iterator[Starts]:
    """Listen while the block lasts."""
    starts = Starts(environment)
    try:
        yield starts
    finally:
        starts.close()
