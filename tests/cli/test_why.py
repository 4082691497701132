"""What is said of a pull that its filters leave out: by `why`, by `wait`, by `pull push`."""

import json
import os
import subprocess

import pytest

from bot import settings
from bot.core.events import Event, Happening, PullKey
from bot.core.names import Sha
from bot.inbox import Inbox
from tests.world.bot import command

pytestmark = pytest.mark.slow

SPEC = """\
version: 1
preview: {paths: ["web/**"]}
services:
  web: {image: busybox, port: 80, public: true}
"""


@pytest.fixture
def environment(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    memory = {"MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory", "MATINEE_STATE": str(tmp_path / "state")}
    return {**clean, **memory}


@pytest.fixture
def shop(tmp_path):
    """A repository whose branch `docs` touches none of the paths."""
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "matinee.yaml").write_text(SPEC)
    commit(folder, "first")
    git(folder, "checkout", "-q", "-b", "docs")
    (folder / "README.md").write_text("read")
    commit(folder, "docs")
    return folder


def git(folder, *words):
    who = ["-c", "user.name=ana", "-c", "user.email=ana@example.org"]
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder, message):
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", message)


def test_a_pull_that_is_left_out_says_so_everywhere_and_fails_nothing(environment, shop):
    opened = command("pull", "open", "docs", "--repository", str(shop), environment=environment)
    assert opened.returncode == 0, opened.stderr
    assert "touches none of web/**" in opened.stderr
    assert json.loads(command("list", "--json", "--all", environment=environment).stdout) == []

    inbox = Inbox.open(settings.settings(environment)["database_url"])
    (status,) = inbox.lanes()
    inbox.close()
    sha = git(shop, "rev-parse", "HEAD")
    waited = command("wait", status.environment, "--commit", sha, "--timeout", "20s", environment=environment)
    assert waited.returncode == 4
    assert "touches none of web/**" in waited.stderr

    why = command("why", status.environment, environment=environment)
    assert why.returncode == 0
    assert "not deployed: commit" in why.stdout
    assert "only pushes that touch the paths" in why.stdout
    assert "/preview deploy" in why.stdout
    told = json.loads(command("why", status.environment, "--json", environment=environment).stdout)[0]
    assert (told["verdict"], told["sha"], told["facts"]["stands"]) == ("ignored", sha, "nothing")

    closed = command("pull", "close", "docs", "--repository", str(shop), environment=environment)
    assert (closed.returncode, closed.stdout) == (0, "")
    assert f"nothing ever stood in {status.environment}" in closed.stderr
    command("pull", "open", "docs", "--repository", str(shop), environment=environment)

    (shop / "web").mkdir()
    (shop / "web" / "index.html").write_text("new")
    commit(shop, "web")
    pushed = command("pull", "push", "docs", "--repository", str(shop), "--json", environment=environment)
    assert pushed.returncode == 0, pushed.stderr
    assert json.loads(pushed.stdout)["state"] == "running"
    newest = json.loads(command("why", status.environment, "--json", environment=environment).stdout)[0]
    assert (newest["verdict"], newest["facts"]["touched"]) == ("deploy", "web/index.html")


def test_an_environment_that_nothing_was_decided_of_says_so_and_one_that_there_is_not_is_wrong_usage(environment):
    inbox = Inbox.open(settings.settings(environment)["database_url"])
    key = PullKey(forge="github", repository="17", number=1)
    told = Event(
        delivery="d", happening=Happening.OPENED, key=key, repository="acme/shop", sha=Sha("a" * 40), actor="ana"
    )
    inbox.receive(told, "0" * 64)
    inbox.close()
    why = command("why", key.environment, environment=environment)
    assert (why.returncode, why.stdout) == (0, "nothing was decided of it yet\n")
    wrong = command("why", "github-17-2", environment=environment)
    assert wrong.returncode == 2
    assert "did you mean github-17-1?" in wrong.stderr
