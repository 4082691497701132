"""A comment's text into commands, each with its arguments in their types, or what is wrong with it."""

import re
import shlex
import unicodedata
from collections.abc import Mapping, Sequence

from bot.core.chat.commands import Command, Delete, Help, Mistake
from bot.core.chat.grammar import LONGEST, PREFIX, addressed, spoken
from bot.core.chat.table import ROWS, Parameter, Row, matches
from bot.core.composing.variables import listed, nearest, shown
from bot.core.events import Commented, Ignored, Tidings

MOST_COMMANDS = 10
MOST_ARGUMENTS = 50
LONGEST_VALUE = 1024
"""Bytes of an argument."""
LONGEST_LINE = 4096
"""Characters of a command; to bring long runs of combining characters into order takes time."""
_HELP = f"{PREFIX} help"
_CONTROL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def parse(text: str) -> tuple[Command | Mistake, ...]:
    """Every command of a comment in its order; nothing where none was meant for us. It never raises."""
    if not addressed(text):
        return ()
    if len(text) > LONGEST:
        return (_whole(f"commands are not looked for in a comment of {len(text):,} characters, only in {LONGEST:,}"),)
    lines = spoken(text)
    if len(lines) > MOST_COMMANDS:
        return (_whole(f"these are {len(lines)} commands; a comment has at most {MOST_COMMANDS}, so none was done"),)
    return tuple(_command(line) for line in lines)


def wordless(told: Tidings) -> Ignored | None:
    """Why what was told asks for nothing: a remark in which there is no command; None for all else."""
    return Ignored("no command is in it") if isinstance(told, Commented) and not parse(told.text) else None


def _whole(why: str) -> Mistake:
    return Mistake(said="", why=why)


def _command(line: str) -> Command | Mistake:
    said = line[:200]
    if len(line) > LONGEST_LINE:
        return Mistake(said=said, why=f"the line has {len(line):,} characters; at most {LONGEST_LINE:,} are read")
    if hidden := next((char for char in line if char != "\t" and unicodedata.category(char) in _CONTROL), ""):
        return Mistake(said=said, why=f"there is a character in it that is not seen (U+{ord(hidden):04X})")
    try:
        words = shlex.split(re.sub(r"\s", " ", unicodedata.normalize("NFC", line)))
    except ValueError:
        return Mistake(said=said, why="a quotation mark is not closed, or a backslash stands at the end")
    return _understood(words[1:] or ["help"], said)


def _understood(words: Sequence[str], said: str) -> Command | Mistake:
    name, *arguments = words
    if why := _unmeasured(arguments):
        return Mistake(said=said, why=why)
    if name not in ROWS:
        return Mistake(said=said, why=_unknown(name), usage=_HELP)
    row = ROWS[name]
    values = _values(row, arguments)
    if isinstance(values, str):
        return Mistake(said=said, why=values, usage=row.usage)
    command = row.command(**values)
    return _objection(command, said) or command


def _unmeasured(arguments: Sequence[str]) -> str:
    if len(arguments) > MOST_ARGUMENTS:
        return f"it has {len(arguments)} arguments; at most {MOST_ARGUMENTS} are read"
    if any(len(each.encode()) > LONGEST_VALUE for each in arguments):
        return f"an argument has more than {LONGEST_VALUE:,} bytes"
    return ""


def _unknown(name: str) -> str:
    return f"there is no command {shown(name)}{nearest(name.lower(), ROWS)}"


def _values(row: Row, arguments: Sequence[str]) -> dict[str, object] | str:
    """The command's fields; or what is wrong with its arguments."""
    given = _placed(row, arguments)
    if isinstance(given, str):
        return given
    for parameter, texts in given.items():
        for text in texts:
            if not matches(parameter.sort, text):
                return f"{shown(text) or 'nothing'} is no {parameter.sort.noun}; {parameter.sort.advice}"
    missing = [each.usage for each in row.parameters if not (each.optional or each.many or each in given)]
    if missing:
        return (
            f"{row.name} needs {' and '.join(missing)}, too" if given else f"{row.name} needs {' and '.join(missing)}"
        )
    return {each.field: _value(each, texts) for each, texts in given.items()}


def _value(parameter: Parameter, texts: Sequence[str]) -> object:
    values = tuple(map(parameter.sort.value, texts))
    return values if parameter.many else values[0]


def _placed(row: Row, arguments: Sequence[str]) -> Mapping[Parameter, list[str]] | str:
    """Which word is whose; or why one has no place."""
    given: dict[Parameter, list[str]] = {}
    left = iter(arguments)
    for word in left:
        found = _owner(row, word, given)
        if isinstance(found, str):
            return found
        parameter, text = found
        if text is None and (text := next(left, None)) is None:
            return f"after {word} has to stand a <{parameter.field}>"
        if parameter in given and not parameter.many:
            return f"{parameter.key} is given twice"
        given.setdefault(parameter, []).append(text)
    return given


def _owner(row: Row, word: str, given: Mapping[Parameter, list[str]]) -> tuple[Parameter, str | None] | str:
    """The parameter that a word is for, with its text, or with None where that is the next word."""
    if word.startswith("-"):
        flag = next((each for each in row.parameters if each.flag and word == f"--{each.field}"), None)
        return (
            (flag, "")
            if flag
            else _strange(row, "option", word, [f"--{each.field}" for each in row.parameters if each.flag])
        )
    named = [each for each in row.parameters if not each.flag]
    key, sign, text = word.partition("=")
    if sign:
        found = next((each for each in named if each.key == key), None)
        return (found, text) if found else _strange(row, "key", key, [each.key for each in named])
    places = [each for each in named if not each.word]
    if not any(each not in given and not each.optional for each in places):
        after = next((each for each in named if each.word == word), None)
        if after:
            return after, None
    place = next((each for each in places if each.many or each not in given), None)
    return (place, word) if place else f"{row.name} has no place for {shown(word)}"


def _strange(row: Row, what: str, word: str, known: Sequence[str]) -> str:
    return f"{row.name} has no {what} {shown(word)}; it has {listed(known)}{nearest(word, known)}"


def _objection(command: Command, said: str) -> Mistake | None:
    match command:
        case Help(command=name) if name and name not in ROWS:
            return Mistake(said=said, why=_unknown(name), usage=_HELP)
        case Delete(name=str(), force=True):
            why = "--force is for a whole preview, not for one service or job of it"
            return Mistake(said=said, why=why, usage=ROWS["delete"].usage)
        case Delete(name=str(name), yes=False):
            why = f"this would delete {name} from this preview for good; say so with --yes if you mean it"
            return Mistake(said=said, why=why, usage=f"{PREFIX} delete {name} --yes")
        case _:
            return None
