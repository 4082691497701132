"""What is remembered of each environment, as files beside the engine, and the locks of its acts."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.core import standing as memory
from bot.core.errors import Overtaken, Unavailable
from bot.core.group import Home
from bot.core.names import EnvironmentId
from bot.core.standing import Standing


class Records:
    """A folder with a folder for each environment."""

    def __init__(self, state: Path) -> None:
        self._root = state / "environments"

    def recall(self, environment: EnvironmentId) -> Standing | None:
        """What was kept last; None where nothing was."""
        text = self._read(environment)
        if text is None:
            return None
        try:
            return memory.loads(text)
        except ValueError:
            raise self._unreadable(environment) from None

    def remember(self, home: Home, standing: Standing) -> None:
        """Keep this instead of what was kept, unless that is newer."""
        with self.held(home.environment, "standing"):
            self.fence(home)
            self.fence(Home(environment=home.environment, generation=standing.generation))
            _write(self._file(home.environment), memory.dumps(standing))

    def fence(self, home: Home) -> None:
        """Raise `Overtaken` where a newer generation has been here."""
        kept = self.generation(home.environment)
        if kept > home.generation:
            raise Overtaken(
                f"generation {kept} has taken {home.environment} over; generation {home.generation} stops writing"
            )

    def generation(self, environment: EnvironmentId) -> int:
        """The remembered generation; 0 where nothing is remembered."""
        text = self._read(environment)
        if text is None:
            return 0
        try:
            return int(json.loads(text)["generation"])
        except (ValueError, KeyError, TypeError):
            raise self._unreadable(environment) from None

    def forget(self, environment: EnvironmentId) -> None:
        """Remove all that is kept; nothing kept is fine."""
        shutil.rmtree(self._root / environment, ignore_errors=True)

    def all(self) -> Mapping[EnvironmentId, Standing]:
        """Everything that is remembered, of every environment."""
        found = {environment: self.recall(environment) for environment in self.environments()}
        return {environment: standing for environment, standing in found.items() if standing}

    def environments(self) -> tuple[EnvironmentId, ...]:
        """Every environment that has a folder."""
        folders = self._root.iterdir() if self._root.is_dir() else ()
        return tuple(sorted(EnvironmentId(folder.name) for folder in folders if folder.is_dir()))

    @contextmanager
    def held(self, environment: EnvironmentId, name: str) -> Iterator[None]:
        """Hold a lock of this environment against every thread and process of this state folder."""
        folder = self._root / environment
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _file(self, environment: EnvironmentId) -> Path:
        return self._root / environment / "standing.json"

    def _read(self, environment: EnvironmentId) -> bytes | None:
        try:
            return self._file(environment).read_bytes()
        except FileNotFoundError:
            return None

    def _unreadable(self, environment: EnvironmentId) -> Unavailable:
        return Unavailable(
            f"{self._file(environment)} is damaged: restore it, or remove it and deploy {environment} again"
        )


def _write(file: Path, text: bytes) -> None:
    partial = file.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)
    partial.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
