"""Signed deliveries, each on the disk before it is answered, over a hello of Flask on the same server."""

import hashlib
import hmac
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from itertools import count

from bench.hook_server import SECRET
from bench.rounds import Ratio, in_turn

CLIENTS = 16
EACH = 40
SIZE = 24_000
"""Bytes of a delivery; about what GitHub sends for a pull."""
_numbers = count(1)


def measured(rounds: int) -> tuple[Ratio, ...]:
    """Seconds for one delivery, of many that come side by side."""
    with tempfile.TemporaryDirectory(prefix="matinee-bench-") as state, ExitStack() as servers:
        ours, theirs = (servers.enter_context(_server(which, state)) for which in ("ours", "theirs"))
        for port in (ours, theirs):
            _sent(port)  # the first requests pay for what is imported at them
        found = in_turn(lambda: _sent(ours), lambda: _sent(theirs), 2 * rounds)
    our, their = tuple(our for our, _ in found), tuple(their for _, their in found)
    return (Ratio(name="a delivery stored", against="a hello of Flask and waitress", ours=our, theirs=their),)


def _sent(port: int) -> float:
    """Send from all clients at once; seconds for each delivery on average."""
    requests = [[_delivery(next(_numbers)) for _ in range(EACH)] for _ in range(CLIENTS)]
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as hands:
        list(hands.map(lambda mine: _send(port, mine), requests))
    return (time.monotonic() - began) / (CLIENTS * EACH)


def _send(port: int, requests: list[tuple[bytes, dict[str, str]]]) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    for body, headers in requests:
        connection.request("POST", "/hooks/github", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 202:
            raise RuntimeError(f"a delivery was answered {answer.status}: {said!r}")
    connection.close()


def _delivery(number: int) -> tuple[bytes, dict[str, str]]:
    """A push to a pull; none is like another."""
    sha = hashlib.sha1(str(number).encode()).hexdigest()
    repository = {"id": 1296269, "full_name": "acme/shop"}
    pull = {"head": {"sha": sha}, "base": {"repo": {"id": 1296269}}, "body": "x" * SIZE}
    payload = {"action": "synchronize", "number": 1 + number % 50, "pull_request": pull, "repository": repository}
    body = json.dumps({**payload, "sender": {"id": 5, "login": "ana"}}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": f"bench-{number}",
        "X-Hub-Signature-256": f"sha256={signature}",
    }


@contextmanager
def _server(which: str, state: str) -> Iterator[int]:
    command = [sys.executable, "-m", "bench.hook_server", which, state]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield int(process.stdout.readline()) if process.stdout else 0
        finally:
            process.kill()
