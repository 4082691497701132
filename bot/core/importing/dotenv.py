"""Files of `NAME=value` lines as compose reads them: quotes, comments, and its raw form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_EMPTY = re.compile(r"[ \t\r\v\f]*(?:#[^\n]*)?(?:\n|\Z)")
_NAME = re.compile(r"[ \t\r\v\f]*(?:export[ \t]+)?([A-Za-z0-9_.\[\]-]+)[ \t]*(?:([=:])[ \t]*|(?=\r?(?:\n|\Z)))")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_COMMENT = re.compile(r"(?:^|[ \t])[ \t]*#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "$": "$$"}
_RAW = re.compile(r"[ \t]*([^\s=#][^\s=]*)(?:=(.*)|[ \t]*)", re.DOTALL)
_BEGUN, _ENDED = "-----BEGIN", "-----END"
_NO_LINE = "it is no NAME=value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A variable; `text` is written as compose writes it (`$$` is a dollar), None where only the name stands."""

    name: str
    text: str | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A line that is none; what stands in it is not repeated, for it may be secret."""

    why: str
    line: int


def lines(file: bytes, *, raw: bool = False) -> Iterator[Line | Stray]:
    """Every variable of the file, in its order; no bytes of any form raise."""
    text = file.decode("utf-8-sig", errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    yield from _raw(text) if raw else _read(text)


def dollars(text: str) -> str:
    """A literal text as compose writes it."""
    return text.replace("$", "$$")


def _read(text: str) -> Iterator[Line | Stray]:
    at = line = 0
    while at < len(text):
        line += 1
        if empty := _EMPTY.match(text, at):
            at = empty.end()
            continue
        read, end = _line(text, at, line)
        yield read
        line += text.count("\n", at, end) - 1
        at = end


def _line(text: str, at: int, line: int) -> tuple[Line | Stray, int]:
    """The variable that begins here, and where the line after it begins."""
    ending = _next(text, at)
    name = _NAME.match(text, at)
    if name is None:
        return Stray(why=_NO_LINE, line=line), ending
    if name[2] is None:
        return Line(name=name[1], text=None, line=line), ending
    quote = text[name.end() : name.end() + 1]
    if quote in ('"', "'"):
        return _quoted(text, name, quote, line)
    if text.startswith(_BEGUN, name.end()):
        return Stray(why=f"{name[1]}: a value of several lines stands in quotes", line=line), _past(text, name.end())
    ending = _next(text, name.end())
    return Line(name=name[1], text=_COMMENT.sub("", text[name.end() : ending]).strip(), line=line), ending


def _quoted(text: str, name: re.Match[str], quote: str, line: int) -> tuple[Line | Stray, int]:
    value = (_DOUBLE if quote == '"' else _SINGLE).match(text, name.end())
    if value is None:
        return Stray(why=f"{name[1]}: its quote is never closed; nothing after it is read", line=line), len(text)
    ending = _next(text, value.end())
    if not _EMPTY.fullmatch(text, value.end(), ending):
        return Stray(why=f"{name[1]}: something follows the quote that ends its value", line=line), ending
    inside = _ESCAPE.sub(_unescaped, value[1]) if quote == '"' else dollars(value[1].replace("\\'", "'"))
    return Line(name=name[1], text=inside, line=line), ending


def _unescaped(found: re.Match[str]) -> str:
    return _LETTERS.get(found[1], found[1] if found[1] in "\"'\\" else found[0])


def _next(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _past(text: str, at: int) -> int:
    """Where the line after a key's last one begins: no part of it is taken for a variable."""
    found = text.find(_ENDED, at)
    return len(text) if found < 0 else _next(text, found)


def _raw(text: str) -> Iterator[Line | Stray]:
    for line, whole in enumerate(text.split("\n"), start=1):
        each = whole.removesuffix("\r")
        if not each.strip() or each.lstrip().startswith("#"):
            continue
        if found := _RAW.fullmatch(each):
            yield Line(name=found[1], text=None if found[2] is None else dollars(found[2]), line=line)
        else:
            yield Stray(why=_NO_LINE, line=line)
