"""What text of ours would have a forge do, as GitHub and GitLab read it: found by a real parser of Markdown."""

import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.core.chat.parse import parse

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_BLOCKS = re.compile(
    r"(?:paragraph|bullet_list|list_item|table|t(?:head|body|r|h|d))_(?:open|close)|inline|fence|html_block"
)
"""What our texts are made of; a heading, a quotation, a rule or a numbered list is not ours."""
_SPANS = re.compile(r"text|text_special|softbreak|code_inline|(?:strong|link)_(?:open|close)")
_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_HTML = re.compile(r"<!-- matinee:(?:v1|answer) [\w -]+ -->|<details><summary>[^<]*</summary>|</details>", re.ASCII)
_REFERENCES = {
    "a ping": r"(?<![\\])@[\w-]",
    "a reference": r'#\d|GH-\d|(?<!\w)![0-9]|(?<!\w)[~%](?=[\w"])|(?<!\w)[&$]\d|\[issue:\d|\[\[\w|\^alert#',
}
_SHOWN = {
    **_REFERENCES,
    "a commit": r"(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])",
    "an address": r"://|\bwww\.",
}
_ACTS = {**_SHOWN, "an emoji": r":[\w+-]+:"}


def markdown(text: str, *, links: frozenset[str] = frozenset()) -> list[str]:
    """All that is wrong with a comment of ours; only these destinations may be linked."""
    return [*_raw(text), *_read(_MARKDOWN.parse(text), frozenset(map(_MARKDOWN.normalizeLink, links)))]


def plain(text: str, *, limit: int, known: tuple[str, ...] = ()) -> list[str]:
    """All that is wrong with a text that is shown as it is; what is `known` in it is ours."""
    for each in known:
        text = text.replace(each, "")
    found = list(_found(text, _SHOWN))
    long = [f"{len(text.encode('utf-16-le', 'replace')) // 2} long"] * (len(text) > limit)
    lines = ["a line end"] * ("\n" in text)
    return [*_characters(text), *found, *long, *lines]


def _characters(text: str) -> Iterator[str]:
    for char in set(text) - {"\n", "\t", "\u200b", "\u200c", "\u200d"}:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs"):
            yield f"the character {char!r}"


def _raw(text: str) -> Iterator[str]:
    yield from _characters(text)
    if re.search(r"^\s*/\w", text, re.MULTILINE):
        yield "a command at the beginning of a line"
    if parse(text):
        yield "a command of ours"
    if text.count("<!--") > 1:
        yield "another HTML comment"


def _read(tokens: list[Token], links: frozenset[str]) -> Iterator[str]:
    folds = 0
    for token in tokens:
        if not _BLOCKS.fullmatch(token.type):
            yield f"a block: {token.type}"
        elif token.type == "html_block":
            if not _HTML.fullmatch(token.content.strip()):
                yield f"HTML: {token.content[:80]!r}"
            folds += token.content.count("<details>") - token.content.count("</details>")
        elif token.type == "fence":
            yield from _fence(token)
        elif token.type == "inline":
            yield from _inline(token.children or [], links)
            if "$" in _CODE.sub("", token.content):
                yield f"mathematics: {token.content[:80]!r}"
    if folds:
        yield "a fold that is not closed, or closed twice"


def _fence(token: Token) -> Iterator[str]:
    if token.info != "text":
        yield f"a fence of {token.info!r}"
    yield from _found(token.content, _REFERENCES)


def _inline(children: list[Token], links: frozenset[str]) -> Iterator[str]:
    destination = ""
    prose = ""
    for child in children:
        match child.type:
            case "link_open":
                destination = str(child.attrGet("href"))
                if destination not in links:
                    yield f"a link to {destination}"
            case "link_close":
                destination = ""
            case "code_inline":
                yield from _found(child.content, _REFERENCES)
                prose += "\x1f"
            case "text" | "text_special" if not destination:
                prose += child.content
            case "softbreak":
                prose += "\n"
        if not _SPANS.fullmatch(child.type):
            yield f"a mark: {child.type} {child.content[:80]!r}"
    yield from _found(prose, _ACTS)


def _found(text: str, patterns: dict[str, str]) -> Iterator[str]:
    for what, pattern in patterns.items():
        if found := re.search(pattern, text, re.IGNORECASE):
            yield f"{what}: {text[max(0, found.start() - 20) : found.end() + 20]!r}"
