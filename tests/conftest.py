"""What holds for every test: an engine that is missing fails the run, and a slow machine fails no property."""

import os
from collections.abc import Iterator, Mapping

import docker
import hypothesis
import pytest
from docker.errors import DockerException, ImageNotFound

from tests.contracts.leaving import leaving
from tests.world import account
from tests.world.cluster import kubeconfig
from tests.world.farm import Farm, in_the_cluster
from tests.world.remains import Remains

IMAGE = "busybox:latest"

hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=15)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        # Where no CI runs, somebody else may work in the same cluster: then it is told, and no failure.
        config.pluginmanager.register(Remains(strict="CI" in os.environ))


def pytest_collection_finish(session: pytest.Session) -> None:
    wanted = any(item.get_closest_marker("engine") for item in session.items)
    if wanted and not session.config.option.collectonly and (why := missing()):
        pytest.exit(f"{why}; `make engine` sets it up, and `make check` needs none", returncode=1)


@pytest.fixture(scope="session")
def farm() -> Farm:
    """A registry, and a BuildKit of its own."""
    return Farm.up()


@pytest.fixture(scope="session")
def buildkit_in_the_cluster() -> Mapping[str, str]:
    """The settings for a BuildKit that runs in the cluster."""
    return in_the_cluster(kubeconfig())


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Every environment of the tests is gone from the cluster in the end."""
    yield
    try:
        leaving.gone()
    finally:
        account.gone()


def missing() -> str | None:
    """What the tests that are marked `engine` need and this machine does not have."""
    try:
        docker.from_env(timeout=20).images.get(IMAGE)
    except ImageNotFound:
        return f"the container engine has no image {IMAGE}"
    except DockerException:
        return f"no container engine answers at {os.environ.get('DOCKER_HOST', 'unix:///var/run/docker.sock')}"
    return None
