"""The bot's own HTTP server, asked by raw sockets: every answer is JSON, nothing ends in a traceback."""

import json
import socket

import pytest

from tests.stories.bot import StoryBot
from tests.world.github import GitHubWorld


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with GitHubWorld() as forge, StoryBot(forge, tmp_path_factory.mktemp("bot") / "state"):
        yield int(forge.hook.split(":")[2].split("/")[0])


def ask(port: int, head: str, body: bytes = b"") -> tuple[int, dict]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
        answer = b""
        while b"\r\n\r\n" not in answer or not _whole(answer):
            part = connection.recv(65536)
            if not part:
                break
            answer += part
    head_part, _, text = answer.partition(b"\r\n\r\n")
    return int(head_part.split()[1]), json.loads(text)


def _whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    return len(body) >= int(length.split(b":")[1])


HOOK = "POST /hooks/github HTTP/1.1\nHost: x\nConnection: close\n"


@pytest.mark.parametrize(
    ("head", "body", "code"),
    [
        (HOOK + "Content-Length: 9", b"not json!", 401),
        (HOOK + f"Content-Length: {26 * 2**20 + 5}", b"", 413),
        (HOOK + f"Content-Length: {2**40}", b"", 413),
        (HOOK + "Content-Length: -1", b"", 400),
        ("POST /hooks/gitea HTTP/1.1\nHost: x\nContent-Length: 0", b"", 404),
        ("GET /hooks/github HTTP/1.1\nHost: x", b"", 405),
        ("GET /healthz HTTP/1.1\nHost: x", b"", 200),
        ("GET /readyz HTTP/1.1\nHost: x", b"", 200),
        ("nonsense", b"", 400),
    ],
    ids=["unsigned", "too large", "far too large", "negative", "unknown", "method", "health", "ready", "no HTTP"],
)
def test_every_answer_is_json(port, head, body, code):
    assert ask(port, head, body)[0] == code
