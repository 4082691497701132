"""What stands in one environment, changed by one step at a time."""

from collections.abc import Callable, Mapping
from threading import Lock

from bot.core.events import Pull
from bot.core.group import Address, Home
from bot.core.names import Name, Sha
from bot.core.standing import Standing
from runners.base import Runner


class Ledger:
    """The environment's standing, changed by one step at a time and kept with the environment at each change."""

    def __init__(self, runner: Runner, home: Home, standing: Standing | None) -> None:
        self._runner = runner
        self._home = home
        self._lock = Lock()
        self._standing = standing

    @property
    def standing(self) -> Standing | None:
        """What stands now, if anything does."""
        return self._standing

    @property
    def present(self) -> Standing:
        """What stands now; to ask is right only where something does."""
        if self._standing is None:
            raise LookupError(f"nothing stands in {self._home.environment}")
        return self._standing

    def change(self, how: Callable[[Standing], Standing]) -> None:
        """Change and keep it, whole or not at all."""
        with self._lock:
            changed = how(self.present)
            self._runner.remember(self._home, changed)
            self._standing = changed


def first_standing(pull: Pull, home: Home, sha: Sha, addresses: Mapping[Name, Address]) -> Standing:
    """What stands before the first step of a first deploy: a place, and nothing in it."""
    return Standing(key=pull.key, repository=pull.repository, generation=home.generation, sha=sha, addresses=addresses)
