"""Tokens for repositories that pulls build from beside their own: the operator's file, read anew each time."""

import base64
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.core.address import Address
from bot.core.errors import Misused
from bot.keeping.vault import OWNER

SETTING = "MATINEE_BUILD_CREDENTIALS_FILE"
_KEYS = frozenset({"url", "pulls", "user", "token", "bearer", "check"})
_FORMS = ({"user", "token"}, {"bearer"})
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_USER = re.compile(r"[\x21-\x39\x3b-\x7e]{1,255}")
"""No colon: it would end the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One token: for what, and for whose pulls."""

    place: Address
    """A repository, or what all of them lie below."""
    pulls: frozenset[str]
    """The repositories whose pulls may build from there: `github:1296269`."""
    header: str = field(repr=False)
    check: Address | None = None
    """A repository by which it can be tried."""


class Grants:
    """What the file has; without a file there is nothing."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def of(self, owner: str, wanted: Address) -> Grant | None:
        """The token with which pulls of this repository may read what is wanted there.

        The nearest place decides alone, also where it lists others only: so a part can be kept from whom has the rest.
        """
        covering = [each for each in self.all() if each.place.covers(wanted)]
        nearest = max((len(each.place.path) for each in covering), default=0)
        ours = (each for each in covering if len(each.place.path) == nearest and owner in each.pulls)
        return next(ours, None)

    def all(self) -> tuple[Grant, ...]:
        """Every one, as written; raises `Misused` where the file is wrong, and tells nothing of what is in it."""
        if self._file is None:
            return ()
        where = f"{SETTING}: {self._file}"
        try:
            document = tomllib.loads(self._file.read_text(encoding="utf-8"))
        except OSError as error:
            raise Misused(f"{where} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError):
            raise Misused(f"{where} is no TOML; write it as docs/elsewhere.md shows") from None
        found = tuple(_read(document, where))
        _distinct(found, where)
        return found


def _read(document: Mapping[str, Any], where: str) -> Iterator[Grant]:
    entries = document.get("repositories")
    if document.keys() != {"repositories"} or not isinstance(entries, list):
        raise Misused(f"{where}: there is to be nothing but tables [[repositories]]")
    for number, entry in enumerate(entries, 1):
        here = f"{where}: [[repositories]] {number}"
        if not isinstance(entry, dict):
            raise Misused(f"{here}: it is no table")
        if strange := sorted(entry.keys() - _KEYS):
            raise Misused(f"{here}: {strange[0]!r} is none of {', '.join(sorted(_KEYS))}")
        place = _address(entry, "url", here)
        yield Grant(
            place=place, pulls=_pulls(entry, here), header=_header(entry, here), check=_check(entry, place, here)
        )


def _address(entry: Mapping[str, Any], key: str, here: str) -> Address:
    found = Address.read(str(entry.get(key, "")))
    if found is None:
        raise Misused(f"{here}: {key} is no address; write it like https://forge.example/acme, without user or query")
    return found


def _pulls(entry: Mapping[str, Any], here: str) -> frozenset[str]:
    given = entry.get("pulls")
    if not isinstance(given, list) or not given:
        raise Misused(f'{here}: pulls lists whose pulls may use it, like ["github:1296269"]')
    if wrong := next((each for each in given if not OWNER.fullmatch(str(each))), None):
        raise Misused(f"{here}: pulls: {wrong!r} is no repository; write it like github:1296269, with its number")
    return frozenset(given)


def _header(entry: Mapping[str, Any], here: str) -> str:
    given = {key: entry[key] for key in ("user", "token", "bearer") if key in entry}
    if given.keys() not in _FORMS:
        raise Misused(f"{here}: give user and token, or bearer alone")
    if wrong := next((key for key, value in given.items() if not _fits(key, value)), None):
        raise Misused(
            f"{here}: {wrong} is no text of one line without spaces{' and colons' if wrong == 'user' else ''}"
        )
    if "bearer" in given:
        return f"Authorization: Bearer {given['bearer']}"
    code = base64.b64encode(f"{given['user']}:{given['token']}".encode()).decode()
    return f"Authorization: Basic {code}"


def _fits(key: str, value: Any) -> bool:
    return isinstance(value, str) and (_USER if key == "user" else _TOKEN).fullmatch(value) is not None


def _check(entry: Mapping[str, Any], place: Address, here: str) -> Address | None:
    if "check" not in entry:
        return place if place.single else None
    found = _address(entry, "check", here)
    if not place.covers(found):
        raise Misused(f"{here}: check is no repository below url")
    return found


def _distinct(found: tuple[Grant, ...], where: str) -> None:
    for number, each in enumerate(found):
        for other in found[:number]:
            if each.place.same(other.place) and (both := each.pulls & other.pulls):
                raise Misused(f"{where}: {sorted(both)[0]} has two tokens for {each.place}; keep one")
