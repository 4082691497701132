from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

import pytest

from bot.core.events import Pull, Want, Wish
from bot.core.group import Home
from bot.core.model import Spec
from bot.core.names import Sha
from bot.core.reading.spec import Unreadable
from bot.core.standing import Standing
from bot.gathering.gather import Gathered, look, read_spec
from tests.world.lives import Life, life


class Files:
    """A commit of which only the files at the root are asked for."""

    def __init__(self, **files: bytes) -> None:
        self._files = {name.replace("_", "."): text for name, text in files.items()}

    def read(self, path: str, *, limit: int) -> bytes | None:
        text = self._files.get(path)
        if text is not None and len(text) > limit:
            raise ValueError(f"{path} has {len(text)} bytes; {limit} are allowed")
        return text


def test_a_commits_spec_is_read():
    assert isinstance(read_spec(Files(matinee_yaml=b"version: 1\nservices: {web: {image: a}}\n")), Spec)


def test_a_commit_with_a_dockerfile_alone_is_previewed_by_it():
    spec = read_spec(Files(Dockerfile=b"FROM nginx\nEXPOSE 8080/tcp\n"))
    assert isinstance(spec, Spec)
    assert (spec.services["app"].port, spec.services["app"].public) == (8080, True)


def test_a_commit_with_neither_is_told_what_to_add():
    assert "nor a Dockerfile to preview without one; add one" in str(read_spec(Files()))


def test_a_spec_that_is_too_large_to_read_is_no_spec():
    found = read_spec(Files(matinee_yaml=b"#" * 300_000))
    assert isinstance(found, Unreadable)
    assert "300000 bytes" in str(found)


@pytest.fixture
def one(tmp_path):
    one = life(tmp_path)
    yield one
    one.world.inbox.close()


def pull_of(one: Life, *, fork: bool) -> Pull:
    head = Sha("a" * 40)
    common = {"branch": "feature", "base": "main", "author": "ana", "open": True}
    return Pull(key=one.key, repository="acme/shop", head=head, fork=fork, **common)


def gathered(one: Life, pull: Pull | None, want: Want = Want.ERRAND) -> Gathered:
    wish = Wish(key=one.key, repository="acme/shop", want=want, sha=None, actor="ana", why="so")
    return look(wish, pull, Home(environment=one.key.environment, generation=1), one.world, cancel=Event())


@pytest.mark.parametrize("want", Want)
def test_a_runner_is_told_that_a_pull_is_from_a_fork_whatever_is_wanted(one, want):
    assert gathered(one, pull_of(one, fork=True), want).home.fork


def test_what_a_forge_does_not_show_is_as_it_was_deployed_last_and_else_a_forks(one):
    assert gathered(one, None).home.fork
    for fork in (False, True):
        stands = Standing(key=one.key, repository="acme/shop", generation=1, sha=Sha("a" * 40))
        home = Home(environment=one.key.environment, generation=1)
        one.world.runner.remember(home, replace(stands, pull=pull_of(one, fork=fork)))
        assert gathered(one, None).home.fork is fork
        assert gathered(one, pull_of(one, fork=not fork)).home.fork is not fork


def test_a_runner_is_told_the_same_as_the_vault(one):
    now = datetime.now(UTC)
    one.world.vault.set("memory:1", "TOKEN", "of ours", fork=False, now=now)
    one.world.vault.set("memory:1", "TOKEN", "of forks", fork=True, now=now)
    for fork, value in ((False, "of ours"), (True, "of forks")):
        found = gathered(one, pull_of(one, fork=fork))
        assert (found.home.fork, dict(found.secrets)) == (fork, {"TOKEN": value})
