"""A file's bytes → text → YAML events, or where and why that ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import Event

from bot.core.composing.variables import shown
from bot.core.reading.mistakes import Mistake
from bot.core.reading.yaml_marks import Mark

LIMIT = 256 * 2**10
REPLACED = "\N{REPLACEMENT CHARACTER}"
"""Stands for a character that was taken out, so that all others keep their places."""
TOP = Mark(1, 1)
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_ODD = 20
_CLUMSY = {
    "mapping values are not allowed here": "a second `: ` stands in this value; quote it, or mend the indentation",
    "found character '\\t' that cannot start any token": "a tab cannot indent; use spaces",
    "found unexpected end of stream": "a quote is opened and never closed",
    "could not find expected ':'": "this line is no `key: value`",
}
"""The parser's most frequent words, said better."""


class Stop(Exception):
    """Nothing after this can be read."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.message)
        self.mistake = mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The whole file, without what YAML does not allow; and a mistake for each such character, as far as one reads."""

    whole: str
    mistakes: tuple[Mistake, ...]


def decoded(file: bytes) -> Text | Mistake:
    """The file as text, without a byte order mark."""
    if len(file) > LIMIT:
        return stray(TOP, f"the file is over {LIMIT // 2**10} KiB")
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = file[: error.start].decode(errors="replace")
        return stray(_mark(before, len(before)), "the file is not UTF-8")
    odd = tuple(islice(_FORBIDDEN.finditer(text), _MOST_ODD))
    said = (
        stray(_mark(text, each.start()), f"the character U+{ord(each[0]):04X} is not allowed in YAML") for each in odd
    )
    return Text(whole=_FORBIDDEN.sub(REPLACED, text), mistakes=tuple(said))


def _mark(text: str, at: int) -> Mark:
    return Mark(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def stray(at: Mark, message: str) -> Mistake:
    """A mistake of the file, not of a value in it."""
    return Mistake(path=(), at=at, message=message)


def events(text: str) -> Iterator[Event]:
    """The parser's events; raises `Stop` at the first thing that is no YAML, and nothing else."""
    last = TOP
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            yield event
            last = place(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Mark(mark.line + 1, mark.column + 1) if mark else last
        raise Stop(stray(at, _said(error))) from error
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise Stop(stray(last, "this is no YAML that can be read, somewhere after this place")) from error


def _said(error: MarkedYAMLError) -> str:
    words = str(error.problem or error.context)
    begun = error.context_mark
    since = f" ({shown(str(error.context))} that began in line {begun.line + 1})" if begun and error.problem else ""
    return _CLUMSY.get(words, f"this is no YAML: {shown(words)}{since}")


def place(event: Event) -> Mark:
    """Where the event begins."""
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)
