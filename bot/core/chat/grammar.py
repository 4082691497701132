"""Which lines of a comment are commands: those that a forge shows as text. Knows no command."""

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

PREFIX = "/preview"
LONGEST = 65_536
"""Characters of a comment that is read; GitHub takes no more, and a parser's work has to have a bound."""
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
"""What has no width, and is dropped at the edges of a line."""

_LINE_END = re.compile(r"\r\n?|\n")
_COMMAND = re.compile(rf"{PREFIX}(?!\S)")
_ALONE = re.compile(rf"(`+) ?({PREFIX}(?:\s[^`\r\n]*)?)\1")
_MARK = "\ue000"
"""Of no meaning in Markdown, nor anywhere else; a comment's own are taken out first."""
_MARKED = re.compile(rf"{_MARK}(\d+){_MARK}")
_GITLAB_QUOTE = ">>>"
_RULES = (
    *("code", "fence", "blockquote", "hr", "list", "reference", "html_block", "heading", "lheading"),
    *("backticks", "escape", "html_inline", "autolink"),
)


def addressed(text: str) -> bool:
    """Whether there is a line that may be a command: a quick look, for comments of any length."""
    return bool(_alone(text)) or any(_is_command(line) for line in _LINE_END.split(text))


def spoken(text: str) -> tuple[str, ...]:
    """The lines that are commands, in their order, without what has no width at their edges.

    Not those in code, in quotes (also GitLab's `>>>`) and in HTML; a comment that is one command as code counts.
    """
    if alone := _alone(text):
        return (alone,)
    lines = _LINE_END.split(text.replace(_MARK, "\ufffd"))
    tokens = _tokens(
        "\n".join(f"{_MARK}{n}{_MARK}{line}" if _is_command(line) else line for n, line in enumerate(lines))
    )
    edges = _edges(tokens, lines)
    return tuple(_trimmed(lines[n]) for n in _shown(tokens) if bisect(edges, n) % 2 == 0)


def _alone(text: str) -> str:
    found = _ALONE.fullmatch(_trimmed(text.strip()))
    return found[2].strip() if found else ""


def _is_command(line: str) -> bool:
    return bool(_COMMAND.match(_trimmed(line)))


def _trimmed(line: str) -> str:
    """Column 0 stays column 0: at the beginning only what has no width goes."""
    return line.lstrip(INVISIBLE).rstrip(f"{INVISIBLE} \t")


def _tokens(text: str) -> "Sequence[Token]":
    from markdown_it import MarkdownIt

    return MarkdownIt("zero", {"html": True}).enable(_RULES).parse(text)


def _shown(tokens: "Sequence[Token]") -> Iterator[int]:
    """The numbers of the marked lines whose mark came out as text."""
    for token in tokens:
        for child in token.children or ():
            if child.type == "text":
                yield from (int(number) for number in _MARKED.findall(child.content))


def _edges(tokens: "Sequence[Token]", lines: Sequence[str]) -> list[int]:
    """Where GitLab's quotes begin and end, in turn."""
    quotes = (token.map for token in tokens if token.type == "blockquote_open" and token.level == 0 and token.map)
    return [n for first, end in quotes for n in range(first, end) if lines[n].rstrip() == _GITLAB_QUOTE]
