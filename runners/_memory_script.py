"""Shell text in pieces: commands joined by `;`, a line's end or `&&`, their words and redirections. Pure.

Quotes, `$NAME` and the redirections `>`, `>>` and `>&2` mean what they mean to `sh`; pipes, loops and the rest do not
exist here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>[ \t]+|\\\n)|(?P<join>&&|;|\n)|(?P<err>>&2)|(?P<redirect>>>|>)"""
    r"""|(?P<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;&>'"\\]|&(?!&))+)""",
    re.DOTALL,
)
_PART = re.compile(r"""'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^'"\\]+)""", re.DOTALL)
_NAME = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_ESCAPED = re.compile(r'\\(["\\$`])')


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command as written: its words with quotes and dollars still in them."""

    words: tuple[str, ...]
    file: str | None = None
    appends: bool = False
    only_after_success: bool = False


class Unclear(ValueError):
    """The text is no script that can be followed here."""


def read(script: str) -> tuple[Command, ...]:
    """The script's commands in order."""
    commands: list[Command] = []
    words: list[str] = []
    file, appends, awaiting, after = None, False, False, False
    for kind, text in (*_tokens(script), ("join", ";")):
        if kind == "word" and awaiting:
            file, awaiting = text, False
        elif kind == "word":
            words.append(text)
        elif kind == "redirect":
            appends, awaiting = text == ">>", True
        elif kind == "join":
            if words or file:
                commands.append(Command(words=tuple(words), file=file, appends=appends, only_after_success=after))
            words, file, appends, after = [], None, False, text == "&&"
    return tuple(commands)


def expand(word: str, variables: Mapping[str, str]) -> str:
    """The word without its quotes, variables filled in; what they held is not read again."""
    return "".join(_part(match, variables) for match in _PART.finditer(word))


def _tokens(script: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(script):
        match = _TOKEN.match(script, at)
        if match is None:
            raise Unclear(f"sh: syntax error: unexpected {script[at]!r}")
        at = match.end()
        if match.lastgroup not in ("space", "err", None):
            found.append((match.lastgroup, match[0]))
    return found


def _part(match: re.Match[str], variables: Mapping[str, str]) -> str:
    single, double, escaped, bare = match.groups()
    if single is not None:
        return single
    if escaped is not None:
        return escaped
    text = _ESCAPED.sub(lambda found: "\0" + found[1], double) if double is not None else bare
    return re.sub("\0(.)", r"\1", _NAME.sub(lambda found: variables.get(found[1] or found[2], ""), text))
