"""Untrusted text made harmless: nothing in it pings, links, refers, closes, commands or draws. Knows no report."""

import re
import unicodedata
from collections.abc import Iterable
from html import escape

GAP = "\u200b"
"""Put into what a forge would act on: the eye sees the same, no pattern matches."""
JOINERS = "\u200c\u200d"

_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles, links, device strings
    r"|\x1b[ -/]*[0-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_LINE_END = re.compile(r"\r*\n|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_REFERENCE = re.compile(
    r'@(?!\s)|#(?=[\w"])|[!$&](?=\d)|~(?=[\w"])|%(?=[\w"])|GH-(?=\d)'
    r"|\[(?=\[|[a-z_]+:\d)|\*(?=iteration:)|<(?=!--)|\^(?=alert#)",
    re.IGNORECASE,
)
_LINK = re.compile(r":(?=//)|www(?=\.)", re.IGNORECASE)
_EMOJI = re.compile(r":(?=[\w+-]+:|[\w+-]*[a-z][\w+-]*$)", re.IGNORECASE)
_SHA = re.compile(r"(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])", re.IGNORECASE)
_SAFE_START = re.compile(r"(?!\d+[.)])[^\W_]")
_EMPHASIS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*[]|~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "&dollar;"})
_WEB = re.compile(r"https?://(?:[\w.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE | re.ASCII)
_THREAD = re.compile(r"/(?:issues|pulls?|merge_requests|commits?|discussions|epics|work_items|milestones|snippets)/")


def plain(text: str) -> str:
    """The text as it would stand on paper: no escape sequences, overwritten progress or control characters."""
    lines = _LINE_END.split(_ESCAPE.sub("", text))
    return "\n".join(_printable(_last_state(line)) for line in lines)


def line(text: str) -> str:
    """The plain text in one line, single spaces between words."""
    return " ".join(plain(text).split())


def bounded(text: str, limit: int) -> str:
    """At most `limit` characters, counted as UTF-16 does, since forges do; a cut shows as an ellipsis."""
    if size(text) <= limit:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (limit - 1)].decode("utf-16-le", "ignore")
    return f"{kept}…"


def size(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def harmless(text: str, *, limit: int = 300) -> str:
    """Untrusted text as Markdown prose in one line that means nothing, wherever it is put, also into a table."""
    return _begun(_inert(bounded(line(text), limit)))


def prose(text: str, *, limit: int = 300) -> str:
    """A sentence of ours with untrusted words in it: as harmless, but what stands between two backticks is code."""
    parts = bounded(line(text), limit).split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    shown = [code(part) if number % 2 else _inert(part) or GAP for number, part in enumerate(parts)]
    return _begun("".join(shown[:-1] if shown[-1] == GAP else shown))


def sentence(text: str, *, limit: int = 300) -> str:
    """The same with an end."""
    words = prose(text, limit=limit)
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def inert(text: str, *, limit: int = 300) -> str:
    """Untrusted text in one line where a forge shows it as it is: without Markdown, but it may look for references."""
    return bounded(_quiet(line(text)), limit)


def cell(text: str, *, limit: int = 300) -> str:
    """Untrusted text for one cell of a table; nothing for nothing."""
    return harmless(text, limit=limit) if line(text) else ""


def code(text: str, *, limit: int = 300) -> str:
    """Untrusted text as code within a line, also in a table; it can be copied, but for what would ping or refer."""
    words = bounded(plain(text).replace("\n", "↵").replace("\t", " "), limit)
    words = _gapped(_REFERENCE, words) or " "
    words = re.sub(r"(?<=\\)(?=\|)", GAP, words).replace("|", "\\|")
    ticks = _longer_than_any(words, least=1)
    pad = " " if words[0] in "` " or words[-1] in "` " else ""
    return f"{ticks}{pad}{words}{pad}{ticks}"


def titled(text: str, *, limit: int = 100) -> str:
    """Untrusted text in one line between two tags of HTML, as the title of a fold."""
    return escape(_gapped(_LINK, _gapped(_REFERENCE, bounded(line(text), limit))))


def fenced(lines: Iterable[str], *, limit: int = 500) -> str:
    """Untrusted lines as a block of code that none of them can leave; GitLab reads commands in there, too."""
    text = "\n".join(_gapped(_REFERENCE, bounded(part, limit)) for each in lines for part in plain(each).split("\n"))
    text = re.sub(r"^(?=[^\S\n]*/)", GAP, text, flags=re.MULTILINE)
    fence = _longer_than_any(text, least=3)
    return f"{fence}text\n{text}\n{fence}"


def address(url: str) -> str | None:
    """The URL as a link's destination, or None where it is not one of the web or refers to another thread."""
    if not _WEB.fullmatch(url) or _THREAD.search(url) or url != line(url) or not url.isascii():
        return None
    return re.sub(r"[^\w:/?#@!$&'+,;=%~.\[\]-]", lambda char: f"%{ord(char[0]):02X}", url).replace("&", "&amp;")


def link(url: str, *, limit: int = 300) -> str:
    """The URL as a link to itself; as mere code where it must not be one."""
    if (destination := address(url)) is None or size(url) > limit:
        return code(url, limit=limit)
    return f"[{_shown(url)}]({destination})"


def _shown(url: str) -> str:
    return _EMPHASIS.sub(r"\\_", _gapped(_REFERENCE, url).translate(_SPECIAL))


def _inert(words: str) -> str:
    words = _gapped(_EMOJI, _quiet(words))
    return _EMPHASIS.sub(r"\\_", words.translate(_SPECIAL))


def _begun(words: str) -> str:
    return words if _SAFE_START.match(words) else f"{GAP}{words}"


def _last_state(text: str) -> str:
    return next((state for state in reversed(text.split("\r")) if state), "")


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(_kept(char) for char in text)


def _kept(char: str) -> str:
    match unicodedata.category(char):
        case "Cs":
            return "\ufffd"
        case "Cc":
            return char if char == "\t" else ""
        case "Cf":
            return char if char in JOINERS else ""
        case _:
            return char


def _gapped(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: f"{found[0]}{GAP}", text)


def _quiet(words: str) -> str:
    return _SHA.sub(_in_pieces, _gapped(_LINK, _gapped(_REFERENCE, words)))


def _in_pieces(sha: re.Match[str]) -> str:
    return GAP.join(sha[0][i : i + 6] for i in range(0, len(sha[0]), 6))


def _longer_than_any(text: str, *, least: int) -> str:
    return "`" * max([least, *(len(run) + 1 for run in re.findall("`+", text))])
