"""Bytes as a container prints them, cut into lines."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from runners._lines import Lines

PIECES = (b"a\n", b"\r\n", b"\n", b"\xe2\x82", b"long" * 9)
BYTES = st.binary(max_size=60) | st.lists(st.sampled_from(PIECES)).map(b"".join)


def cut(chunks: list[bytes], limit: int) -> list[str]:
    told: list[str] = []
    lines = Lines(lambda line: told.append(line), limit=limit)
    for chunk in chunks:
        lines.feed(chunk)
    lines.end()
    return told


def one(line: bytes, limit: int) -> str:
    text = line[:limit].removesuffix(b"\r").decode(errors="replace")
    return f"{text} … (cut)" if len(line) > limit else text


@given(BYTES, st.lists(st.integers(0, 60)), st.sampled_from([8, 1000]))
def test_lines_are_the_same_however_they_come(text, cuts, limit):
    places = sorted({0, *(min(place, len(text)) for place in cuts), len(text)})
    chunks = [text[start:end] for start, end in pairwise(places)]
    *whole, rest = text.split(b"\n")
    expected = [one(line, limit) for line in (*whole, *([rest] if rest else []))]
    assert cut(chunks, limit) == cut([text], limit) == expected
