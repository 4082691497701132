"""As many deliveries as one client can send: each is kept or refused in a way that the forge sends it again."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha1
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from bot.core.names import Sha
from bot.inbox import schema
from tests.world.bot import Bot
from tests.world.forge import ForgeWorld
from tests.world.github import GitHubWorld
from tests.world.gitlab import GitLabWorld
from tests.world.hooks import Sent

pytestmark = pytest.mark.slow

SECONDS = 10
SIDE_BY_SIDE = 8
PULLS = 20
NUMBERS = {"github": "X-GitHub-Delivery", "gitlab": "Idempotency-Key"}
"""The header by which each forge numbers its deliveries."""


def send(world: ForgeWorld[Any], told: list[tuple[Sha, Sent]], bot: Bot, sender: int, until: float) -> dict[str, int]:
    """Send over one connection until then, each delivery another one; its number → the answer's status."""
    connection, answers = HTTPConnection("127.0.0.1", bot.port, timeout=30), dict[str, int]()
    while time.monotonic() < until:
        number = f"{world.name}-{sender}-{len(answers)}"
        sent = anew(*told[len(answers) % PULLS], number)
        headers = {**world.signed(sent), NUMBERS[world.name]: number}
        connection.request("POST", f"/hooks/{world.name}", sent.body, headers)
        answer = connection.getresponse()
        answer.read()
        answers[number] = answer.status
    connection.close()
    return answers


def anew(head: Sha, push: Sent, number: str) -> Sent:
    """The push of another commit."""
    return push.hooks.saying(push, push.body.replace(head.encode(), sha1(number.encode()).hexdigest().encode()))


def pushes(world: ForgeWorld[Any]) -> list[tuple[Sha, Sent]]:
    """A push to each of many pulls, and its commit; nobody was told of any."""
    shop = world.repository("acme/shop")
    with world.holding() as held:
        heads = [shop.open_pull(branch=f"branch-{number}").push() for number in range(PULLS)]
    return list(zip(heads, held[1::2], strict=True))


def test_of_ten_seconds_of_deliveries_of_two_forges_none_is_lost_and_none_is_a_fault(tmp_path: Path) -> None:
    memory = {"runner": "memory", "builder": "memory"}
    with GitHubWorld() as github, GitLabWorld() as gitlab:
        worlds = (github, gitlab)
        told = [pushes(world) for world in worlds]
        with Bot(tmp_path / "state", {**github.settings, **gitlab.settings, **memory}) as bot:
            until = time.monotonic() + SECONDS
            with ThreadPoolExecutor(SIDE_BY_SIDE) as hands:
                sent = hands.map(lambda at: send(worlds[at % 2], told[at % 2], bot, at, until), range(SIDE_BY_SIDE))
                answers = {number: status for each in sent for number, status in each.items()}
    statuses = Counter(answers.values())
    assert statuses.keys() <= {202, 200, 503}, statuses
    assert statuses[202] > 100
    engine = create_engine(f"sqlite:///{bot.state}/matinee.db")
    with engine.connect() as connection:
        kept = set(connection.execute(select(schema.deliveries.c.delivery)).scalars())
    engine.dispose()
    assert kept == {number for number, status in answers.items() if status in (200, 202)}
