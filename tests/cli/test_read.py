"""`matinee read` as whoever wonders runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.world.bot import command

pytestmark = pytest.mark.slow

PAYLOADS = Path(__file__).parents[1] / "forges" / "payloads" / "github"


@pytest.fixture
def environment(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    return {**clean, "MATINEE_STATE": str(tmp_path / "state")}


def test_a_delivery_is_shown_as_the_event_that_it_becomes(environment):
    done = command("read", "github", "pull_request", str(PAYLOADS / "opened.json"), "--json", environment=environment)
    golden = json.loads((PAYLOADS / "opened.event.json").read_text())
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert {name: document[name] for name in golden} == golden
    assert (document["status"], document["want"]) == ("event", "deploy")


def test_a_person_reads_it_line_by_line_and_nothing_is_kept(environment):
    done = command("read", "github", "pull_request", str(PAYLOADS / "closed-merged.json"), environment=environment)
    assert "want         delete\n" in done.stdout
    assert not Path(environment["MATINEE_STATE"]).exists()


@pytest.mark.parametrize(
    ("forge", "event", "payload", "code", "says"),
    [
        ("github", "push", "opened", 0, "ignored: the event push means nothing"),
        ("github", "ping", "ping", 0, "the webhook works"),
        ("local", "pull_request", "opened", 0, "sends no webhooks"),
        ("github", "pull_request", "ping", 4, "malformed: action"),
        ("github", "no such\nevent", "opened", 4, "malformed: X-GitHub-Event"),
        ("githbu", "pull_request", "opened", 2, "did you mean github?"),
        ("github", "pull_request", "nowhere", 2, "No such file"),
    ],
    ids=["another event", "a ping", "the local forge", "a wrong body", "no event", "a wrong forge", "no file"],
)
def test_why_nothing_comes_of_it_is_said(environment, forge, event, payload, code, says):
    done = command("read", forge, event, str(PAYLOADS / f"{payload}.json"), environment=environment)
    assert done.returncode == code
    assert says in done.stdout + done.stderr


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"{", b"[" * 100_000, b'{"action": NaN}', b'{"action": "opened", "number": "\\ud800"}'],
    ids=["nothing", "no text", "no end", "deep", "no number", "half a character"],
)
def test_no_bytes_crash_it(environment, body):
    line = [sys.executable, "-m", "bot.cli", "read", "github", "pull_request", "-", "--json"]
    done = subprocess.run(line, env=environment, input=body, capture_output=True, timeout=60, check=False)
    assert done.returncode == 4, done.stderr
    assert json.loads(done.stdout)["status"] == "malformed"
