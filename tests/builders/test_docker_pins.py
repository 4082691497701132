"""How the name of an image becomes what stands for it, over a registry in which tags move."""

import threading
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from builders.base import Built
from builders.docker import DockerBuilder
from tests.world.registry import Registry, registry

pytestmark = pytest.mark.engine


@pytest.fixture
def shelf() -> Iterator[Registry]:
    with registry() as made:
        yield made


@pytest.fixture
def builder(tmp_path: Path) -> DockerBuilder:
    return DockerBuilder(tmp_path / "state")


def pinned(builder: DockerBuilder, image: str, **more: float) -> Built:
    made = builder.pin(image, log=print, cancel=threading.Event(), **more)
    assert isinstance(made, Built), made
    return made


def word(image: str) -> str:
    variables = docker.from_env().images.get(image).attrs["Config"]["Env"]
    return next(each.removeprefix("WORD=") for each in variables if each.startswith("WORD="))


def test_an_image_is_fetched_once_and_is_the_same_to_every_deploy(shelf, builder):
    shelf.publish("1", "first")
    one = pinned(builder, shelf.image("1"))
    assert one.fresh
    assert word(one.image) == "first"
    again = pinned(builder, shelf.image("1"))
    assert (again.image, again.fresh) == (one.image, False)


def test_a_tag_that_moved_is_pinned_anew_and_what_it_stood_for_is_still_there(shelf, builder):
    shelf.publish("latest", "first")
    one = pinned(builder, shelf.image("latest"))
    shelf.publish("latest", "second")
    other = pinned(builder, shelf.image("latest"))
    assert word(other.image) == "second"
    assert word(one.image) == "first"


def test_where_its_registry_cannot_be_asked_the_image_that_is_here_will_do(builder):
    with registry() as shelf:
        shelf.publish("1", "first")
        one = pinned(builder, shelf.image("1"))
        docker.from_env().images.get(one.image).tag("matinee-test/kept", "1")
        try:
            away = shelf.image("1")
            shelf._tags.clear()
            assert pinned(builder, away).image == one.image
        finally:
            docker.from_env().images.remove("matinee-test/kept:1")


def test_an_image_of_a_ci_is_there_as_soon_as_it_is_published(shelf, builder):
    publishing = threading.Timer(1.0, lambda: shelf.publish("late", "made by a CI"))
    publishing.start()
    assert word(pinned(builder, shelf.image("late"), wait=60.0).image) == "made by a CI"
    publishing.join()
