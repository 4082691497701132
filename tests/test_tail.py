"""A step's log on its way: masked whether its lines come alone or many at once."""

import pytest

from bot.core.masking import Masker
from bot.tail import LENGTH, Tail

LINES = [f"line {number}" for number in range(100)] + ["the key is s3cr3t-key", "-----BEGIN-----", "abcdefgh", "end"]
SECRETS = ("s3cr3t-key", "-----BEGIN-----\nabcdefgh")


@pytest.mark.parametrize("size", [1, 7, 200], ids=["one by one", "a few", "all at once"])
def test_lines_are_masked_one_by_one_however_many_come(size):
    told: list[str] = []
    tail = Tail(lambda line: told.append(line), Masker(SECRETS).mask)
    for start in range(0, len(LINES), size):
        tail.many(LINES[start : start + size])
    assert told == [*LINES[:100], "the key is •••", "•••", "•••", "end"]
    assert tail.last == tuple(told[-LENGTH:])
    assert tail.count == len(LINES)
