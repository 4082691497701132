"""Shell text in pieces: commands and loops, joined by `;`, a line's end, `&&` or `||`. Pure.

Quotes, `$NAME` and the redirections `>`, `>>` and `>&2` mean what they mean to `sh`. What else `sh` knows is refused:
pipes, substitutions, patterns, jobs in the background, comments.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>[ \t]+|\\\n)|(?P<join>&&|\|\||;|\n)|(?P<err>>&2)|(?P<odd>\#|[0-9]+>)|(?P<redirect>>>|>)"""
    r"""|(?P<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;&|<>()*`'"\\])+)""",
    re.DOTALL,
)
_PART = re.compile(r"""'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^'"\\]+)""", re.DOTALL)
_NAME = re.compile(r"(?<!\0)(?:\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*)|([({?!#@*$\d-]))|(`))")
_ESCAPED = re.compile(r'\\(["\\$`])')
_LOOPS = ("until", "while")
_CLOSING = ("do", "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command as written: its words with quotes and dollars still in them."""

    words: tuple[str, ...]
    file: str | None = None
    appends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """`while` its condition succeeds, or `until` it does."""

    until: bool
    condition: "Script"
    body: "Script"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something to do, and what of the one before decides whether."""

    act: Command | Loop
    after: str
    """`&&`, `||`, or what else joins it to the one before."""


Script = tuple[Statement, ...]
_Tokens = deque[tuple[str, str]]


class Unclear(ValueError):
    """The text is no script that can be followed here."""


def read(script: str) -> Script:
    """The script's statements in order."""
    return _statements(_tokens(script), ends="")


def expand(word: str, variables: Mapping[str, str]) -> str:
    """The word without its quotes, variables filled in; what they held is not read again."""
    return "".join(_part(match, variables) for match in _PART.finditer(word))


def _tokens(script: str) -> _Tokens:
    found: _Tokens = deque()
    at = 0
    while at < len(script):
        match = _TOKEN.match(script, at)
        if match is None or match.lastgroup == "odd":
            raise Unclear(f"sh: syntax error: unexpected {script[at]!r}")
        at = match.end()
        if match.lastgroup not in ("space", "err", None):
            found.append((match.lastgroup, match[0]))
    return found


def _statements(tokens: _Tokens, *, ends: str) -> Script:
    found: list[Statement] = []
    after = ";"
    while tokens:
        kind, text = tokens[0]
        if kind == "join":
            after = after if text == "\n" else text
            tokens.popleft()
        elif text == ends:
            tokens.popleft()
            return tuple(found)
        elif text in _CLOSING:
            break
        else:
            found.append(Statement(act=_loop(tokens) if text in _LOOPS else _command(tokens), after=after))
            after = ";"
    if ends or tokens:
        raise Unclear(f"sh: syntax error: {f'no {ends}' if ends else f'unexpected {tokens[0][1]}'}")
    return tuple(found)


def _loop(tokens: _Tokens) -> Loop:
    _, word = tokens.popleft()
    return Loop(until=word == "until", condition=_statements(tokens, ends="do"), body=_statements(tokens, ends="done"))


def _command(tokens: _Tokens) -> Command:
    words: list[str] = []
    file, appends = None, False
    while tokens and tokens[0][0] != "join":
        kind, text = tokens.popleft()
        if kind == "word":
            words.append(text)
        elif not tokens or tokens[0][0] != "word":
            raise Unclear(f"sh: syntax error: no file after {text}")
        else:
            file, appends = tokens.popleft()[1], text == ">>"
    return Command(words=tuple(words), file=file, appends=appends)


def _part(match: re.Match[str], variables: Mapping[str, str]) -> str:
    single, double, escaped, bare = match.groups()
    if single is not None:
        return single
    if escaped is not None:
        return escaped
    text = _ESCAPED.sub(lambda found: "\0" + found[1], double) if double is not None else bare
    return "".join(_filled(text, variables))


def _filled(text: str, variables: Mapping[str, str]) -> list[str]:
    """The text in pieces: those that were written lose the marks of what was escaped, values stay as they are."""
    pieces, at = [], 0
    for found in _NAME.finditer(text):
        if found[3] or found[4]:
            raise Unclear(f"sh: syntax error: unexpected {found[0]}")
        pieces += [text[at : found.start()].replace("\0", ""), variables.get(found[1] or found[2], "")]
        at = found.end()
    return [*pieces, text[at:].replace("\0", "")]
