"""As many deliveries as one client can send: each is kept or refused in a way that the forge sends it again."""

import hashlib
import hmac
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from bot.inbox import schema
from tests.world.bot import Bot
from tests.world.github import GitHubWorld

pytestmark = pytest.mark.slow

SECONDS = 10
SIDE_BY_SIDE = 8
PULLS = 50


def send(world: GitHubWorld, bot: Bot, sender: int, until: float) -> dict[str, int]:
    """Send over one connection until then; delivery → the answer's status."""
    connection, answers = HTTPConnection("127.0.0.1", bot.port, timeout=30), dict[str, int]()
    while time.monotonic() < until:
        guid = f"{sender}-{len(answers)}"
        body = push(guid, 1 + len(answers) % PULLS)
        signed = hmac.new(world.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": f"sha256={signed}",
        }
        connection.request("POST", "/hooks/github", body, {**headers, "Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        answers[guid] = answer.status
    connection.close()
    return answers


def push(guid: str, number: int) -> bytes:
    sha = hashlib.sha1(guid.encode()).hexdigest()
    pull = {"head": {"sha": sha}, "base": {"repo": {"id": 17}}, "body": "x" * 20_000}
    about = {"number": number, "pull_request": pull, "repository": {"id": 17, "full_name": "acme/shop"}}
    return json.dumps({"action": "synchronize", **about, "sender": {"id": 5, "login": "ana"}}).encode()


def test_of_ten_seconds_of_deliveries_none_is_lost_and_none_is_a_fault(tmp_path: Path) -> None:
    memory = {"runner": "memory", "builder": "memory"}
    with GitHubWorld() as world, Bot(tmp_path / "state", {**world.settings, **memory}) as bot:
        until = time.monotonic() + SECONDS
        with ThreadPoolExecutor(SIDE_BY_SIDE) as hands:
            sent = hands.map(lambda sender: send(world, bot, sender, until), range(SIDE_BY_SIDE))
            answers = {guid: status for each in sent for guid, status in each.items()}
    statuses = Counter(answers.values())
    assert statuses.keys() <= {202, 200, 503}, statuses
    assert statuses[202] > 100
    engine = create_engine(f"sqlite:///{bot.state}/matinee.db")
    with engine.connect() as connection:
        kept = set(connection.execute(select(schema.deliveries.c.delivery)).scalars())
    engine.dispose()
    assert kept == {guid for guid, status in answers.items() if status in (200, 202)}
