"""What the pages show to be typed or written: every fenced block of every page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md", "examples/**/*.md", "tests/testbed/*.md")
    for page in ROOT.glob(pattern)
)


@dataclass(frozen=True)
class Snippet:
    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def snippets() -> Iterator[Snippet]:
    """Of all pages; a block that is no fence, but only indented, counts as one of no language."""
    for page in PAGES:
        for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
            if token.type in ("fence", "code_block"):
                line = token.map[0] + 1 if token.map else 0
                yield Snippet(page=page, line=line, language=token.info.strip(), text=token.content)


def of(*languages: str) -> list[Snippet]:
    """Those of these languages."""
    return [snippet for snippet in snippets() if snippet.language in languages]


def typed(page: str) -> list[Snippet]:
    """What a page has one type, in its order."""
    return [snippet for snippet in of("bash") if snippet.page == ROOT / page]


def filled(snippet: Snippet, names: Mapping[str, str]) -> str:
    """Its text with names of one's own in the place of those that are shown, each of which it has."""
    text = snippet.text
    for shown, own in names.items():
        assert shown in text, f"{snippet} does not name {shown}"
        text = text.replace(shown, own)
    return text
