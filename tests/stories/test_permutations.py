"""Whatever order a pull's deliveries come in, once or twice: the end is what the forge shows."""

import random
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.report import State
from tests.core.test_permutations import EVENTS, FIRST, SECOND, THIRD, orders
from tests.stories.bot import StoryBot
from tests.stories.conftest import WORLDS
from tests.world.lives import ANA, Text, reborn

pytestmark = pytest.mark.slow

SPEC = "version: 1\nservices:\n  web: {image: busybox, port: 80, public: true}\n"
SAMPLE = 100
"""Of the 1800 orders, which the core takes all; here each costs real turns."""
SOME = random.Random(2026).sample(list(orders()), SAMPLE)


@pytest.mark.parametrize("shown_open", [True, False], ids=["open", "closed"])
def test_an_inbox_and_a_runner_end_where_the_core_does(opened, shown_open):
    for place, order in enumerate(SOME):
        life = reborn(opened)
        life.commits = {sha: Text(sha, SPEC) for sha in (FIRST, SECOND, THIRD)}
        life._put(head=THIRD, open=shown_open)
        for number in order:
            delivery = f"{life.key.environment}-{number}"
            told = replace(EVENTS[number], key=life.key, actor_id=ANA, delivery=delivery)
            life.world.inbox.receive(told, sha256(delivery.encode()).hexdigest())
            if place % 2:
                life.settle()
        life.settle()
        assert life.exists is shown_open, order
        assert not shown_open or life.report.state is State.RUNNING, order
        assert not shown_open or life.report.serving == THIRD, order


@pytest.mark.parametrize("world", WORLDS, ids=[world.name for world in WORLDS])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([0, 1, 2, 3, 4]), twice=st.integers(0, 4), ends=st.sampled_from([4, 5]))
def test_a_bot_that_a_forge_sends_them_to_ends_there_too(tmp_path_factory, world, order, twice, ends):
    state: Path = tmp_path_factory.mktemp("bot") / "state"
    with world() as forge, StoryBot(forge, state) as bot:
        shop = forge.repository("acme/shop", {"matinee.yaml": SPEC})
        with forge.holding() as held:
            pull = shop.open_pull()
            pull.push({"a": "1"})
            pull.push({"a": "2"})
            pull.close()
            if ends == 5:
                pull.reopen()
        sent = [held[number] for number in order if number < len(held)]
        for each in [*sent, sent[twice % len(sent)]]:
            assert each.redeliver() in (200, 202)
        bot.settle()
        if ends == 5:
            assert bot.report(pull).state is State.RUNNING
            assert bot.report(pull).serving == pull.head
        else:
            assert list(bot.world.runner.homes()) == []
