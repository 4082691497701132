"""An engine whose user dies right after each thing that was changed on it, once after each."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from docker.errors import NotFound

from runners._docker.engine import Engine

_ID = re.compile("[0-9a-f]{64}")
_WRITES = frozenset(
    {
        "connect_container_to_network",
        "create_container_from_config",
        "create_network",
        "create_volume",
        "disconnect_container_from_network",
        "kill",
        "put_archive",
        "remove_container",
        "remove_network",
        "remove_volume",
        "start",
        "stop",
        "update_container",
    }
)


class Died(BaseException):
    """Nothing may catch it, as nothing catches a kill."""


class DyingEngine(Engine):
    """The real engine; each life ends after the first change that no life before has made."""

    def __init__(self) -> None:
        super().__init__()
        self.deaths: list[str] = []
        self._made: set[str] = set()
        self._dead = False

    @property
    def api(self) -> Any:
        """The real one, with a death at each change."""
        return _Mortal(super().api, self._change)

    def outlived(self, act: Callable[[], Any], lives: int = 200) -> Any:
        """What the act gives at last, however often it dies before."""
        for _ in range(lives):
            self._dead = False
            try:
                return act()
            except Died as death:
                self.deaths.append(str(death))
        raise AssertionError(f"{lives} lives were not enough: {self.deaths[-20:]}")

    def _change(self, change: str, act: Callable[[], Any]) -> Any:
        if self._dead:
            raise Died(change)
        answer = act()
        if change not in self._made:
            self._made.add(change)
            self._dead = True
            raise Died(change)
        return answer


class _Mortal:
    def __init__(self, api: Any, change: Callable[[str, Callable[[], Any]], Any]) -> None:
        self._api = api
        self._change = change

    def __getattr__(self, name: str) -> Any:
        there = getattr(self._api, name)
        if name not in _WRITES:
            return there
        return lambda *given, **named: self._change(self._told(name, given, named), partial(there, *given, **named))

    def _told(self, name: str, given: tuple[Any, ...], named: dict[str, Any]) -> str:
        words = [self._named(each) for each in (*given, *named.values()) if isinstance(each, str)]
        return " ".join([name, *words])

    def _named(self, word: str) -> str:
        """The name that stays the same where an id is of a container that is made again."""
        if not _ID.fullmatch(word):
            return word
        try:
            return str(self._api.inspect_container(word)["Name"])
        except NotFound:
            return "what is gone"
