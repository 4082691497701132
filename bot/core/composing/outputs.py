"""A job's output file → output variables, or why not. Nothing that it says repeats a byte of the file."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from bot.core.group import Unfit
from bot.core.masking import Masker
from bot.core.model import Declared
from bot.core.names import VARIABLE
from bot.core.standing import Variable

LARGEST_FILE = 2**20
LARGEST_VALUE = 120 * 2**10
"""Linux gives an environment variable, name included, 128 KiB."""
MOST_KEYS = 1000
DEEPEST = 20
LONGEST_NAME = 255
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def read(file: bytes, *, declared: Mapping[str, Declared], secrets: Iterable[str]) -> tuple[Variable, ...] | Unfit:
    """The file's variables in its own order; an empty file has none. No bytes of any form raise."""
    try:
        entries = _entries(_text(file))
        variables = tuple(_variable(number, entry, declared) for number, entry in enumerate(entries, 1))
    except _Flaw as flaw:
        return Unfit(f"the output file {flaw.why}")
    return _guarded(variables, secrets)


def _guarded(variables: tuple[Variable, ...], secrets: Iterable[str]) -> tuple[Variable, ...]:
    """What contains a secret, be it one of this very file, is sensitive as well."""
    masker = Masker((*secrets, *(each.value for each in variables if each.sensitive)))
    return tuple(replace(each, sensitive=each.sensitive or masker.mask(each.value) != each.value) for each in variables)


class _Flaw(Exception):
    """Ends the reading at the first thing that is wrong; says nothing of the content."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class _Object:
    """A JSON object with its pairs as written, repeated keys among them."""

    pairs: tuple[tuple[str, "_Json"], ...]


@dataclass(frozen=True, slots=True)
class _Number:
    """A number as written: nothing is lost to floating point."""

    literal: str


@dataclass(frozen=True, slots=True)
class _NoNumber:
    """NaN or Infinity, which Python's reader takes and JSON does not know."""


_Json = _Object | _Number | _NoNumber | list["_Json"] | str | bool | None


def _text(file: bytes) -> str:
    if len(file) > LARGEST_FILE:
        raise _Flaw(f"is over {LARGEST_FILE // 2**20} MiB; keep large things elsewhere and output where they are")
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.count(b"\n", 0, error.start) + 1
        raise _Flaw(f"is not UTF-8, at line {line}") from None


def _entries(text: str) -> tuple[tuple[str, _Json], ...]:
    if not text.strip():
        return ()
    _check_depth(text)
    found = _parsed(text)
    if not isinstance(found, _Object):
        raise _Flaw('holds no JSON object; write {"NAME": {"value": …}}')
    if len(found.pairs) > MOST_KEYS:
        raise _Flaw(f"has {len(found.pairs)} keys; {MOST_KEYS} are allowed")
    first: dict[str, int] = {}
    for number, (name, _) in enumerate(found.pairs, 1):
        if first.setdefault(name, number) != number:
            raise _Flaw(f"gives its {nth(first[name])} key again as its {nth(number)}; give each name once")
    return found.pairs


def _check_depth(text: str) -> None:
    depth = 0
    for token in _STRUCTURE.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
        if depth > DEEPEST:
            raise _Flaw(f"is nested more than {DEEPEST} deep, at {_place(text, token.start())}")


def _parsed(text: str) -> _Json:
    try:
        found: _Json = json.loads(
            text,
            object_pairs_hook=lambda pairs: _Object(tuple(pairs)),
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=lambda _: _NoNumber(),
        )
    except json.JSONDecodeError as error:
        raise _Flaw(f"is no JSON, at {_place(text, error.pos)}") from None
    return found


def _place(text: str, at: int) -> str:
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"


def _variable(number: int, entry: tuple[str, _Json], declared: Mapping[str, Declared]) -> Variable:
    name, content = entry
    key = f"{nth(number)} key"
    if len(name) > LONGEST_NAME or not VARIABLE.fullmatch(name):
        raise _Flaw(f"has a {key} that is no variable name; use letters, digits and _, no digit first")
    if not isinstance(content, _Object):
        raise _Flaw(f'has a {key} without an object; write {{"NAME": {{"value": …}}}}')
    fields = _fields(content, f"the {key}'s object")
    if "value" not in fields:
        raise _Flaw(f'has a {key} without "value"; write {{"NAME": {{"value": …}}}}')
    value = _plain(fields["value"], f"the {key}'s value")
    sensitive = _sensitive(fields.get("sensitive"), key)
    return Variable(
        name=name,
        value=value,
        sensitive=sensitive or (name in declared and declared[name].sensitive),
        description=_description(fields.get("description"), f"the {key}'s description"),
    )


def _fields(content: _Object, where: str) -> Mapping[str, _Json]:
    fields = dict(content.pairs)
    if len(fields) != len(content.pairs):
        raise _Flaw(f"gives a key twice in {where}; give each once")
    return fields


def _sensitive(found: _Json, key: str) -> bool:
    match found:
        case bool():
            return found
        case None:
            return False
        case _:
            raise _Flaw(f'has a {key} whose "sensitive" is neither true nor false')


def _description(found: _Json, where: str) -> str:
    return _sound(found, where) if isinstance(found, str) else ""


def _plain(found: _Json, where: str) -> str:
    text = _sound(found if isinstance(found, str) else _encoded(found, where), where)
    if len(text.encode()) > LARGEST_VALUE:
        limit = f"{LARGEST_VALUE // 2**10} KiB"
        raise _Flaw(f"has more than {limit} in {where}, which fits no environment variable; shorten it")
    return text


def _sound(text: str, where: str) -> str:
    if "\0" in text:
        raise _Flaw(f"has a NUL in {where}, which fits no environment variable")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _Flaw(f"has half a surrogate pair in {where}, which is no text") from None
    return text


def _encoded(found: _Json, where: str) -> str:
    """The value as compact JSON, its numbers as they were written."""
    match found:
        case _Object():
            pairs = _fields(found, where).items()
            return "{" + ",".join(f"{_encoded(name, where)}:{_encoded(value, where)}" for name, value in pairs) + "}"
        case list():
            return "[" + ",".join(_encoded(value, where) for value in found) + "]"
        case _Number():
            return found.literal
        case _NoNumber():
            raise _Flaw(f"has NaN or Infinity in {where}, which JSON does not know; write it as a string")
        case str() | bool() | None:
            return json.dumps(found, ensure_ascii=False)
        case _:
            assert_never(found)


def nth(number: int) -> str:
    """1 → `1st`."""
    ending = "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
