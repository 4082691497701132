"""What it costs to read a comment, counted in calls: twice the text, twice the calls."""

import sys

import pytest

from bot.core.chat.grammar import LONGEST
from bot.core.chat.parse import parse

MEGABYTE = 2**20
HOSTILE = {
    "commands": "/preview deploy\n",
    "arguments": "/preview reset a\n",
    "almost commands": "/previe\n",
    "lists": "- a\n",
    "nested lists": "- " * 18 + "a\n",
    "quotes": "> a\n",
    "nested quotes": ">" * 18 + " a\nb\n",
    "quotes of GitLab": ">>>\n",
    "ticks": "`a``b",
    "open ticks": "` `` ``` ```` ",
    "fences": "```\n",
    "tags": "<a",
    "tags with values": "<a b='",
    "comments": "a <!-- ",
    "instructions": "a <?",
    "autolinks": "<h:a",
    "definitions": "[a]: b\n",
    "open definitions": "[a]: b '\n",
    "headings": "a\n=\n",
    "empty lines": "\n",
    "returns": "\r",
    "backslashes": "\\`",
    "combining characters": "\u0301\u0327",
    "no width": "\u200b",
    "quotation marks": "'\"",
    "marks": "\ue000" + "1",
}


def calls(text: str) -> int:
    """How many functions are called for it, Python's own included."""
    number = 0

    def count(_frame, event, _argument):
        nonlocal number
        number += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        parse(text)
    finally:
        sys.setprofile(before)
    return number


def filled(piece: str, length: int) -> str:
    """A text of that length that is for us, and has as much of the piece as goes into it."""
    head = "/preview logs x\n/preview logs "
    return head + (piece * (length // len(piece)))[: length - len(head)]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_read_costs_in_proportion_to_its_length(name):
    half, whole = (calls(filled(HOSTILE[name], length)) for length in (LONGEST // 16, LONGEST // 8))
    assert whole < 2.2 * half
    assert whole < 90 * LONGEST // 8


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_costs_less_than_a_look_at_each_character(name):
    half, whole = (calls(filled(HOSTILE[name], length)) for length in (MEGABYTE // 2, MEGABYTE))
    assert whole < 2.2 * half
    assert whole < 10 * MEGABYTE
