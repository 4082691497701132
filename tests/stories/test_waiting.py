"""Whoever waits for a commit while its delivery comes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.cli.sought import Sought
from bot.cli.until import until_up
from bot.core.telling.waiting import Up
from bot.inbox import Inbox
from bot.screen.terminal import Terminal
from tests.stories.test_pulls import SHOP

pytestmark = pytest.mark.slow


class Meanwhile:
    """An inbox to which something comes while it is asked for deliveries the first time."""

    def __init__(self, inbox: Inbox, comes: Callable[[], object]) -> None:
        self._inbox, self._comes = inbox, [comes]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inbox, name)

    def delivered(self, environment: Any) -> Any:
        while self._comes:
            self._comes.pop()()
        return self._inbox.delivered(environment)


def test_a_delivery_that_comes_between_two_looks_supersedes_nothing(forge, bot):
    pull = forge.repository("acme/shop", SHOP).open_pull()
    bot.settle()
    with forge.holding() as held:
        newer = pull.push({"README.md": "newer"})
    (push,) = (sent for sent in held if sent.event == "pull_request")
    late = replace(bot.world, inbox=Meanwhile(bot.world.inbox, push.redeliver))
    sought = Sought(environment=pull.key.environment, repository="", pull=None, commit=newer)
    with Terminal(quiet=True) as terminal:
        ended = until_up(late, sought, terminal, seconds=60)
    assert isinstance(ended.verdict, Up), ended.verdict
