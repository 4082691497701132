"""How the operator says in which ways pulls are told."""

import pytest

from bot.core.errors import Misused
from bot.core.telling.channel import ALL, Channel, channels


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("true", ALL),
        ("False", frozenset()),
        ("status", {Channel.STATUS}),
        ("comment, deployment", {Channel.COMMENT, Channel.DEPLOYMENT}),
    ],
)
def test_a_pull_is_told_in_all_ways_or_none_or_some(text: str, told: frozenset[Channel]) -> None:
    assert channels(text) == told


@pytest.mark.parametrize("text", ["", "yes", "true status", "comments"])
def test_what_is_no_way_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(Misused, match="comment, status, deployment"):
        channels(text)
