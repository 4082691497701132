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

REPOSITORY, STRANGERS = (f"local-{uuid.uuid4().hex[:12]}" for _ in range(2))
ONE, OTHER = EnvironmentId(f"{REPOSITORY}-1"), EnvironmentId(f"{REPOSITORY}-2")
STRANGER = EnvironmentId(f"{STRANGERS}-1")


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[DockerBuilder]:
    made = DockerBuilder(tmp_path / "state")
    yield made
    for environment in (ONE, OTHER, STRANGER):
        made.release(environment, frozenset())
    for repository in (REPOSITORY, STRANGERS):
        remove_images(repository)


@pytest.fixture
def build(builder: DockerBuilder, tmp_path: Path) -> Callable[[str], str]:
    """Build an image that differs by a word; its id."""
    history, sources = History(tmp_path / "origin.git"), Sources(tmp_path / "mirrors", pauses=())
    own = uuid.uuid4().hex

    def build(word: str, repository: str = REPOSITORY) -> str:
        sha = history.commit({"Dockerfile": f"FROM busybox\nENV WORD={word} OF={own}\n"})
        commit = sources.fetch(history.url, None, repository=repository, sha=sha, cancel=threading.Event())
        made = builder.build(commit, Build(), log=print, cancel=threading.Event())
        assert isinstance(made, Built), made
        return made.image

    return build


def names(image: str) -> set[str]:
    return {tag.partition(":")[0] for tag in docker.from_env().images.get(image).tags}


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


def test_what_two_repositories_have_built_alike_keeps_no_name_of_one_that_needs_it_no_more(builder, build):
    image = build("a")
    assert build("a", STRANGERS) == image
    for environment in (ONE, OTHER, STRANGER):
        assert builder.hold(image, environment)
    builder.release(ONE, frozenset())
    held = {f"matinee/environments/{each}" for each in (OTHER, STRANGER)}
    assert names(image) == {*held, f"matinee/{REPOSITORY}", f"matinee/{STRANGERS}"}
    builder.release(OTHER, frozenset())
    assert names(image) == {f"matinee/environments/{STRANGER}", f"matinee/{STRANGERS}"}
    builder.release(STRANGER, frozenset())
    assert not there(image)


def test_what_somebody_has_named_is_theirs_and_no_more_ours(builder, build):
    image = build("a")
    theirs = f"matinee-test/{REPOSITORY}"
    docker.from_env().images.get(image).tag(theirs)
    builder.hold(image, ONE)
    builder.release(ONE, frozenset())
    try:
        assert names(image) == {theirs}
    finally:
        docker.from_env().images.remove(theirs)


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
