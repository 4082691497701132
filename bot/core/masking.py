"""Secrets out of text, in every form in which a program is likely to print them. It hides; it does not redact files."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

MASK = "•••"
SHORTEST = 4
"""Shorter secrets are not hunted: they would hide half of every log."""
_BASE64_LINES = (76, 64)
_URL_SAFE = ("", "/", "!'()*", "!'()*;/?:@&=+$,#")
"""What Python's, a form's, JavaScript's component and JavaScript's whole-URL encoders leave as it is."""
_ESCAPE = re.compile(r"%[0-9A-F]{2}")


class Masker:
    """Hides secrets. A line at a time is enough: each line of a secret of several lines is hidden by itself."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = frozenset(secret for secret in secrets if secret.strip(MASK))
        self._hunt: _Hunt | None = None

    def __repr__(self) -> str:
        return f"Masker({len(self._secrets)} secrets)"

    def also(self, secrets: Iterable[str]) -> "Masker":
        """A masker that hides these as well; itself where it hides them already."""
        more = frozenset(secret for secret in secrets if secret.strip(MASK)) - self._secrets
        return Masker(self._secrets | more) if more else self

    def mask(self, text: str) -> str:
        """The text with `•••` for every secret; where two overlap, for both together."""
        if not self._secrets:
            return text
        if self._hunt is None:
            self._hunt = _hunt(form for secret in self._secrets for form in forms(secret))
        return _without(text, _spans(text, self._hunt))


def forms(secret: str) -> frozenset[str]:
    """Every form in which this secret is hunted."""
    texts = (secret, *_json_texts(secret))
    parts = {part for text in texts for part in (text, text.strip(), *map(str.strip, text.splitlines()))}
    found = {form for part in parts if len(part.strip()) >= SHORTEST for form in _forms(part)}
    return frozenset(form for form in found if len(form) >= SHORTEST)


def _json_texts(secret: str) -> Iterator[str]:
    """The strings inside a secret that is a JSON list or object: a program prints them one by one."""
    try:
        left: list[object] = [json.loads(secret)] if secret.lstrip()[:1] in ("{", "[") else []
    except (ValueError, RecursionError):
        return
    while left:
        match left.pop():
            case str(text):
                yield text
            case list(items):
                left.extend(items)
            case dict(fields):
                left.extend(fields.values())
            case _:
                continue


def _forms(part: str) -> Iterator[str]:
    yield part
    yield from _json_forms(part)
    yield from _url_forms(part)
    yield from _base64_forms(part.encode(errors="surrogatepass"))


def _json_forms(part: str) -> Iterator[str]:
    for ascii_only in (True, False):
        escaped = json.dumps(part, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")
        yield escaped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _url_forms(part: str) -> Iterator[str]:
    raw = part.encode(errors="surrogatepass")
    for encoded in (quote_plus(raw), *(quote(raw, safe=safe) for safe in _URL_SAFE)):
        yield encoded
        yield _ESCAPE.sub(lambda escape: escape[0].lower(), encoded)


def _base64_forms(raw: bytes) -> Iterator[str]:
    for encode in (b64encode, urlsafe_b64encode):
        whole = encode(raw).decode()
        yield whole
        yield whole.rstrip("=")
        for width in _BASE64_LINES:
            wrapped = (whole[start : start + width] for start in range(0, len(whole), width))
            yield from (line for line in wrapped if len(line) >= 2 * SHORTEST)
        for before in range(3):
            inner = encode(bytes(before) + raw).decode()
            yield inner[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hunt:
    """Forms by their first characters, the longest first, and a quick look for where one might begin."""

    heads: Mapping[str, tuple[str, ...]]
    likely: re.Pattern[str]


def _hunt(found: Iterable[str]) -> _Hunt:
    heads: dict[str, set[str]] = {}
    for form in found:
        heads.setdefault(form[:SHORTEST], set()).add(form)
    columns = ("".join(sorted(set(column))) for column in zip(*heads, strict=True))
    # One character, then a look ahead: the regex engine skips quickly to a character, but not to a mere look ahead.
    first, *rest = (f"[{re.escape(column)}]" for column in columns) if heads else ("(?!)",)
    return _Hunt(
        heads={head: tuple(sorted(group, key=len, reverse=True)) for head, group in heads.items()},
        likely=re.compile(f"{first}(?={''.join(rest)})"),
    )


def _spans(text: str, hunt: _Hunt) -> Iterator[tuple[int, int]]:
    for place in hunt.likely.finditer(text):
        start = place.start()
        for form in hunt.heads.get(text[start : start + SHORTEST], ()):
            if text.startswith(form, start):
                yield start, start + len(form)
                break


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    kept: list[str] = []
    over = 0
    for start, end in spans:
        if start > over or not kept:
            kept += [text[over:start], MASK]
        over = max(over, end)
    return "".join(kept) + text[over:] if kept else text
