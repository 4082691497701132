"""How long what was built stays on the engine: for as long as an environment needs it."""

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import ImageNotFound

from bot.core.model import Build
from bot.core.names import EnvironmentId
from builders.base import Built
from builders.docker import DockerBuilder
from builders.source import Sources
from tests.world.engine_images import remove_images
from tests.world.history import History

pytestmark = pytest.mark.engine

REPOSITORY = f"local-{uuid.uuid4().hex[:12]}"
ONE, OTHER = EnvironmentId(f"{REPOSITORY}-1"), EnvironmentId(f"{REPOSITORY}-2")


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[DockerBuilder]:
    made = DockerBuilder(tmp_path / "state")
    yield made
    for environment in (ONE, OTHER):
        made.release(environment, frozenset())
    remove_images(REPOSITORY)


@pytest.fixture
def build(builder: DockerBuilder, tmp_path: Path) -> Callable[[str], str]:
    """Build an image that differs by a word; its id."""
    history, sources = History(tmp_path / "origin.git"), Sources(tmp_path / "mirrors", pauses=())

    def build(word: str) -> str:
        sha = history.commit({"Dockerfile": f"FROM busybox\nENV WORD={word} OF={uuid.uuid4().hex}\n"})
        commit = sources.fetch(history.url, None, repository=REPOSITORY, sha=sha, cancel=threading.Event())
        made = builder.build(commit, Build(), log=print, cancel=threading.Event())
        assert isinstance(made, Built), made
        return made.image

    return build


def there(image: str) -> bool:
    try:
        docker.from_env().images.get(image)
    except ImageNotFound:
        return False
    return True


def test_what_was_built_goes_with_the_last_environment_that_needs_it(builder, build):
    image = build("a")
    assert builder.hold(image, ONE)
    assert builder.hold(image, OTHER)
    builder.release(ONE, frozenset())
    assert there(image)
    builder.release(OTHER, frozenset())
    assert not there(image)


def test_a_deploy_lets_go_of_what_it_no_longer_needs_and_of_nothing_else(builder, build):
    old, new = build("old"), build("new")
    for image in (old, new):
        builder.hold(image, ONE)
    builder.release(ONE, {new})
    assert (there(old), there(new)) == (False, True)


def test_what_is_gone_cannot_be_held(builder, build):
    image = build("a")
    builder.hold(image, ONE)
    builder.release(ONE, frozenset())
    assert not builder.hold(image, OTHER)


def test_what_still_runs_stays(builder, build):
    image = build("a")
    builder.hold(image, ONE)
    container = docker.from_env().containers.run(image, ["sleep", "60"], detach=True, init=True)
    try:
        builder.release(ONE, frozenset())
        assert there(image)
    finally:
        container.remove(force=True)


def test_an_image_that_others_may_use_is_never_removed(builder):
    busybox = docker.from_env().images.get("busybox:latest").id
    assert builder.hold(busybox, ONE)
    builder.release(ONE, frozenset())
    assert there("busybox:latest")


def test_letting_go_of_nothing_is_fine(builder):
    builder.release(ONE, frozenset())
