"""What one repository's builds have left in the registry is no source of another's, however it is named."""

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import plugins
from bot.core.model import Build
from bot.core.names import EnvironmentId
from builders._neighbours import Neighbours
from builders.base import Builder, Built, Unbuilt
from builders.source import Sources
from tests.world.farm import PREFIX, Farm, remove_pushed
from tests.world.history import History

OURS, THEIRS = (f"local-{uuid.uuid4().hex[:12]}" for _ in range(2))


@pytest.fixture
def builder(tmp_path: Path, farm: Farm) -> Iterator[Builder]:
    yield plugins.create("builders", "buildkit", {"state": str(tmp_path / "state"), **farm.settings})
    for repository in (OURS, THEIRS):
        remove_pushed(repository)


@pytest.fixture
def built(tmp_path: Path, builder: Builder) -> Callable[..., Built | Unbuilt]:
    """What a Dockerfile becomes in a repository."""
    sources = Sources(tmp_path / "mirrors", pauses=())

    def build(text: str, repository: str = OURS) -> Built | Unbuilt:
        history = History(tmp_path / f"{uuid.uuid4().hex}.git")
        sha = history.commit({"Dockerfile": text})
        commit = sources.fetch(history.url, None, repository=repository, sha=sha, cancel=threading.Event())
        return builder.build(commit, Build(), log=print, cancel=threading.Event())

    return build


@pytest.mark.engine
def test_no_build_is_from_another_repositorys_images(built):
    made = built("FROM busybox\nRUN echo open-sesame >/secret\n", THEIRS)
    assert isinstance(made, Built), made
    by_key, by_digest = made.tag, made.image
    both = f"{by_key}@{by_digest.partition('@')[2]}"
    for text in (
        *(f"FROM {image}\n" for image in (by_key, by_digest, both)),
        f"FROM busybox\nCOPY --from={by_key} /secret /\n",
        f"FROM busybox\nRUN --mount=from={by_key},target=/theirs cat /theirs/secret\n",
        f"ARG NONE\nFROM ${{NONE:-{by_key}}}\n",
        f"FROM {PREFIX}/cache:{THEIRS}-trusted\n",
    ):
        refused = built(text)
        assert isinstance(refused, Unbuilt), text
        assert "is what builds of another repository have left" in refused.why, text


@pytest.mark.engine
def test_a_build_may_be_from_its_own_repositorys_images(built):
    made = built(f"FROM busybox\nENV OF={uuid.uuid4().hex}\n")
    assert isinstance(built(f"FROM {made.tag}\nENV MORE=1\n"), Built)


@pytest.mark.engine
def test_an_image_of_another_repository_is_not_pinned(built, builder):
    made = built(f"FROM busybox\nENV OF={uuid.uuid4().hex}\n", THEIRS)
    ours, theirs = (builder.of(EnvironmentId(f"{repository}-1")) for repository in (OURS, THEIRS))
    for image in (made.tag, made.image):
        refused = ours.pin(image, log=print, cancel=threading.Event())
        assert "is what builds of another repository have left" in refused.why
        assert isinstance(theirs.pin(image, log=print, cancel=threading.Event()), Built)


KEY, DIGEST = "0123456789abcdef" * 2, f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("prefix", "image", "theirs"),
    [
        ("registry.example/previews", f"registry.example/previews/github-8:{KEY}", True),
        ("registry.example/previews", f"registry.example/previews/gitlab-8@{DIGEST}", True),
        ("registry.example/previews", f"registry.example/previews/github-8:any@{DIGEST}", True),
        ("registry.example/previews", f"registry.example/previews/github-77:{KEY}", True),
        ("registry.example/previews", "registry.example/previews/cache:github-7-trusted-0", True),
        ("registry.example/previews", f"registry.example/previews/github-7:{KEY}", False),
        ("registry.example/previews", f"registry.example/previews/github-7@{DIGEST}", False),
        ("registry.example/previews", "registry.example/previews/node-20:1.2", False),
        ("registry.example/previews", f"registry.example/others/github-8:{KEY}", False),
        ("registry.example/previews", f"else.example/registry.example/previews/github-8:{KEY}", False),
        ("registry.example", f"registry.example/github-8:{KEY}", True),
        ("registry.example", "registry.example/base:1", False),
        ("acme", f"acme/github-8:{KEY}", True),
        ("docker.io/acme", f"registry-1.docker.io/acme/github-8:{KEY}", True),
        ("docker.io/acme", "busybox", False),
    ],
)
def test_theirs_are_builds_of_others_and_caches_and_nothing_else(prefix, image, theirs):
    assert Neighbours(prefix=prefix, repository="github-7").have(image) is theirs
