"""The operator's secrets: one text by repository and tier, its values sealed, read afresh at every turn.

`{"github:1296269": {"trusted": {"NAME": …}, "forks": {…}}}`; a value is a text as the operator wrote it, or
`{"sealed": …, "set": …}` as it is written here.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.core.errors import Misused
from bot.core.events import PullKey
from bot.core.names import VARIABLE
from bot.keeping.cipher import Cipher
from bot.keeping.shelf import Shelf

TRUSTED, FORKS = "trusted", "forks"
OWNER = re.compile(r"[a-z][a-z0-9]*:[0-9a-z]{1,32}")
LARGEST = 120 * 2**10
"""Bytes of one value: a longer one fits no environment variable."""

_Tiers = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One secret by its names, without its value."""

    owner: str
    """`github:1296269`"""
    tier: str
    name: str
    set_at: str
    """When, in UTC; empty where the operator wrote it by hand."""
    sealed: bool


class Vault:
    """What lies on one shelf; it is looked up whenever it is asked."""

    def __init__(self, shelf: Shelf, cipher: Cipher) -> None:
        self._shelf = shelf
        self._cipher = cipher

    def given(self, key: PullKey, *, fork: bool) -> Mapping[str, str]:
        """The secrets that this pull may see, by name: a fork sees those for forks only."""
        owner, tier = owner_of(key), FORKS if fork else TRUSTED
        values = self._read().get(owner, {}).get(tier, {})
        return {name: self._value(value, f"{name} of {owner}") for name, value in values.items()}

    def hidden(self, key: PullKey) -> tuple[str, ...]:
        """Every value of the repository, of both tiers: none of them may be seen."""
        return (*self.given(key, fork=False).values(), *self.given(key, fork=True).values())

    def open_all(self) -> int:
        """Open every value there is, for whoever wants to know that it can be; how many."""
        tiers = [(owner, values) for owner, each in self._read().items() for values in each.values()]
        opened = [self._value(value, f"{name} of {owner}") for owner, values in tiers for name, value in values.items()]
        return len(opened)

    def entries(self) -> tuple[Entry, ...]:
        """All that there is, sorted; no key is needed for it."""
        found = self._read()
        return tuple(
            Entry(owner=owner, tier=tier, name=name, set_at=_set_at(value), sealed=isinstance(value, dict))
            for owner, tiers in sorted(found.items())
            for tier, values in sorted(tiers.items(), reverse=True)
            for name, value in sorted(values.items())
        )

    def set(self, owner: str, name: str, value: str, *, fork: bool, now: datetime) -> None:
        """Give a secret, in the place of one of that name."""
        _check(owner, name, value)
        sealed = {
            "sealed": self._cipher.seal(value.encode()),
            "set": now.astimezone(UTC).isoformat("T", "seconds"),
        }

        def change(found: dict[str, _Tiers]) -> bool:
            found.setdefault(owner, {}).setdefault(FORKS if fork else TRUSTED, {})[name] = sealed
            return True

        self._change(change)

    def unset(self, owner: str, name: str, *, fork: bool) -> bool:
        """Take a secret away; whether there was one."""

        def change(found: dict[str, _Tiers]) -> bool:
            return found.get(owner, {}).get(FORKS if fork else TRUSTED, {}).pop(name, None) is not None

        return self._change(change)

    def reseal(self) -> int:
        """Seal everything with the newest key; how many."""

        def change(found: dict[str, _Tiers]) -> bool:
            for owner, values in ((owner, values) for owner, each in found.items() for values in each.values()):
                for name, value in values.items():
                    values[name] = self._resealed(value, f"{name} of {owner}")
            return bool(found)

        self._change(change)
        return len(self.entries())

    def _value(self, value: Any, what: str) -> str:
        return value if isinstance(value, str) else self._cipher.open(value["sealed"], f"the secret {what}").decode()

    def _resealed(self, value: Any, what: str) -> Mapping[str, str]:
        return {"sealed": self._cipher.seal(self._value(value, what).encode()), "set": _set_at(value)}

    @property
    def where(self) -> str:
        """What to call the place where it lies."""
        return self._shelf.where

    def _read(self) -> dict[str, _Tiers]:
        return _parsed(self._shelf.read(), self.where)

    def _change(self, change: Callable[[dict[str, _Tiers]], bool]) -> bool:
        """Have the change made; whether there was anything to change."""
        changed = False

        def written(text: bytes | None) -> bytes | None:
            nonlocal changed
            found = _parsed(text, self.where)
            changed = change(found)
            return self._sealed(found) if changed else None

        self._shelf.change(written)
        return changed

    def _sealed(self, found: dict[str, _Tiers]) -> bytes:
        """Everything sealed, also what the operator wrote by hand."""
        tiers = (values for each in found.values() for values in each.values())
        for values in tiers:
            plain = {name: value for name, value in values.items() if isinstance(value, str)}
            values |= {name: self._resealed(value, name) for name, value in plain.items()}
        return json.dumps(found, indent=1, sort_keys=True).encode() + b"\n"


def owner_of(key: PullKey) -> str:
    """Whose secrets a pull sees: `github:1296269`."""
    return f"{key.forge}:{key.repository}"


def _check(owner: str, name: str, value: str) -> None:
    if not OWNER.fullmatch(owner):
        raise Misused(f"{owner!r} is no repository; write it like github:1296269, with the forge's number for it")
    if not VARIABLE.fullmatch(name):
        raise Misused(f"{name!r} is no name of a secret; use letters, digits and _, no digit first")
    if "\0" in value or len(value.encode()) > LARGEST:
        raise Misused(f"the value of {name} fits no environment variable: no NUL, at most {LARGEST // 2**10} KiB")


def _set_at(value: Any) -> str:
    return str(value.get("set", "")) if isinstance(value, dict) else ""


def _parsed(text: bytes | None, where: str) -> dict[str, _Tiers]:
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Misused(
            f"{where} is no JSON; bring back a copy of it, or write it again with `matinee secrets set`"
        ) from None
    if problem := _problem(found):
        raise Misused(f"{where}: {problem}")
    return {owner: {tier: dict(values) for tier, values in tiers.items()} for owner, tiers in found.items()}


def _problem(found: Any) -> str:
    """What is wrong with the file's form; names no value."""
    form = '{"github:1296269": {"trusted": {"NAME": "value"}, "forks": {}}}'
    if not isinstance(found, dict) or not all(isinstance(tiers, dict) for tiers in found.values()):
        return f"it is not of the form {form}"
    for owner, tiers in found.items():
        if not OWNER.fullmatch(owner):
            return f"{owner!r} is no repository; write it like github:1296269"
        for tier, values in tiers.items():
            if tier not in (TRUSTED, FORKS) or not isinstance(values, dict):
                return f"{owner}: {tier!r} is no tier; there are {TRUSTED} and {FORKS}, each with names and values"
            wrong = [name for name, value in values.items() if not VARIABLE.fullmatch(name) or not _fits(value)]
            if wrong:
                return f"{owner}: {tier}: {wrong[0]!r} is no variable name, or its value no text"
    return ""


def _fits(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and isinstance(value.get("sealed"), str))
