"""A stranger's pull on each engine: it runs once its commit is approved, and on terms of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world.bot import Bot, wait
from tests.world.github import GitHubWorld
from tests.world.houses import House

pytestmark = [pytest.mark.engine, pytest.mark.slow]

SPEC = """\
version: 1
services:
  web:
    build: {root: web}
    port: 8080
    public: true
    user: 1000
    health: {tcp: 8080}
    variables: {WORD: "${secrets.WORD}"}
"""
DOCKERFILE = """\
FROM busybox
CMD ["sh", "-c", "cd /tmp; echo \\"<p>$WORD PAGE</p>\\" > index.html; exec httpd -f -p 8080 -h ."]
"""


@pytest.fixture
def bot(world: GitHubWorld, house: House, tmp_path: Path) -> Iterator[Bot]:
    with Bot(tmp_path / "state", {**world.settings, **house.settings, **house.forks}) as bot:
        world.hook = bot.hook
        yield bot


def files(page: str) -> dict[str, str]:
    return {"matinee.yaml": SPEC, "web/Dockerfile": DOCKERFILE.replace("PAGE", page)}


def test_a_strangers_commit_runs_once_it_is_approved_with_the_forks_secrets_and_the_next_does_not(
    world: GitHubWorld, bot: Bot, house: House, tmp_path: Path
) -> None:
    repository = world.repository("acme/shop", files("ours"))
    owner = f"github:{repository.id}"
    for value, whose in (("of-the-house", ()), ("for-strangers", ("--forks",))):
        (tmp_path / "word").write_text(value)
        bot.run("secrets", "set", owner, "WORD", *whose, "--from-file", str(tmp_path / "word"))
    pull = repository.open_pull(from_fork=True, author="eve", files=files("first"))
    environment = pull.key.environment
    bot.settled(environment, None, "refused")
    assert house.left(environment) == []

    pull.say("eve", f"/preview approve {pull.head}")
    wait(lambda: pull.answers, "the answer to a stranger", otherwise=bot.told)
    assert bot.of(environment)["state"] == "refused"

    pull.say("ana", f"/preview approve {pull.head[:12]}")
    first = bot.settled(environment, pull.head, "running")
    wait(lambda: "for-strangers first" in house.page(first["url"]), "the page", otherwise=bot.told)
    wait(lambda: pull.comment.says("of the secrets for forks it sees `WORD`"), "the comment", otherwise=bot.told)

    approved = pull.head
    pull.push(files("second"))
    refused = bot.settled(environment, pull.head, "refused")
    assert refused["serving_sha"] == approved
    assert "for-strangers first" in house.page(first["url"])

    pull.close()
    bot.settled(environment, None, "deleted")
    assert house.left(environment) == []
