"""What is remembered of each environment, as files beside the engine, and the locks of its acts."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.core import standing as memory
from bot.core.errors import Overtaken, Unavailable
from bot.core.group import Home
from bot.core.names import EnvironmentId
from bot.core.standing import Standing
from bot.keeping.cipher import Cipher
from bot.keeping.whole import locked, write


class Records:
    """A folder with a folder for each environment."""

    def __init__(self, state: Path, cipher: Cipher) -> None:
        self._root = state / "environments"
        self._cipher = cipher

    def recall(self, environment: EnvironmentId) -> Standing | None:
        """What was kept last; None where nothing was."""
        text = self._read(environment)
        if text is None:
            return None
        try:
            return memory.loads(self._opened(environment, text))
        except ValueError:
            raise self._unreadable(environment) from None

    def remember(self, home: Home, standing: Standing) -> None:
        """Keep this instead of what was kept, unless that is newer."""
        with self.held(home.environment, "standing"):
            self.fence(home)
            self.fence(Home(environment=home.environment, generation=standing.generation))
            write(self._file(home.environment), self._sealed(standing.generation, memory.dumps(standing)))

    def reseal(self) -> int:
        """Seal everything with the newest key; how many."""
        found = self.environments()
        for environment in found:
            with self.held(environment, "standing"):
                if (standing := self.recall(environment)) is not None:
                    write(self._file(environment), self._sealed(standing.generation, memory.dumps(standing)))
        return len(found)

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
        with locked(self._root / environment / f"{name}.lock"):
            yield

    def _sealed(self, generation: int, text: bytes) -> bytes:
        """The generation is no secret: the fence holds even where a key is missing."""
        return json.dumps({"generation": generation, "sealed": self._cipher.seal(text)}).encode()

    def _opened(self, environment: EnvironmentId, text: bytes) -> bytes:
        """What was kept before there was any encryption is read as it is."""
        kept = json.loads(text)
        sealed = kept.get("sealed") if isinstance(kept, dict) else None
        return self._cipher.open(sealed, f"what is remembered of {environment}") if isinstance(sealed, str) else text

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
