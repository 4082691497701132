"""What only a BuildKit of its own in a cluster can show: its pod goes in the middle of a build."""

import contextlib
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from bot.core.errors import Unavailable
from bot.core.model import Build
from builders import buildkit
from builders.base import Built, Unbuilt
from builders.source import Sources
from tests.world.bot import wait
from tests.world.cluster import client, kubeconfig
from tests.world.farm import CERTIFICATES, in_the_cluster, remove_pushed
from tests.world.history import History

pytestmark = [pytest.mark.engine, pytest.mark.cluster, pytest.mark.slow]


class Daemon:
    """A BuildKit in a namespace of its own."""

    def __init__(self) -> None:
        self.namespace = f"matinee-test-buildkit-{uuid.uuid4().hex[:8]}"
        self._namespaces = client().resources.get(api_version="v1", kind="Namespace")
        self._pods = client().resources.get(api_version="v1", kind="Pod")

    def up(self) -> Mapping[str, str]:
        """Start it; the bot's settings for it."""
        return in_the_cluster(kubeconfig(), self.namespace)

    def die(self) -> None:
        """Its pod is gone at once; the cluster makes another."""
        for pod in self._pods.get(namespace=self.namespace).items:
            self._pods.delete(pod.metadata.name, self.namespace, grace_period_seconds=0)

    def close(self) -> None:
        """Remove it, with the certificate that it had."""
        self._namespaces.delete(self.namespace)
        shutil.rmtree(CERTIFICATES / self.namespace)


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    daemon = Daemon()
    yield daemon
    daemon.close()


@pytest.fixture
def build(daemon: Daemon, tmp_path: Path) -> Iterator[Callable[..., Built | Unbuilt]]:
    history, repository, nobody = History(tmp_path / "origin.git"), f"local-{uuid.uuid4().hex[:12]}", threading.Event()
    head = history.commit(
        {"Dockerfile": f"FROM busybox\nARG SECONDS\nENV OF={repository}\nRUN echo begun && sleep $SECONDS\n"}
    )
    sources = Sources(tmp_path / "mirrors", pauses=())
    commit = sources.fetch(history.url, None, repository=repository, sha=head, cancel=nobody)
    builder = buildkit.create({"state": str(tmp_path / "state"), **daemon.up()})
    yield lambda log, seconds: builder.build(commit, Build(args={"SECONDS": seconds}), log=log, cancel=nobody)
    remove_pushed(repository)


def test_a_pod_of_buildkit_that_goes_during_a_build_is_no_failure_of_the_build_and_the_next_try_builds(
    daemon: Daemon, build: Callable[..., Built | Unbuilt]
) -> None:
    def dies(line: str) -> None:
        if line == "begun":
            daemon.die()

    with pytest.raises(Unavailable, match=r"BuildKit at tcp://[\d.]+:1234 does not answer: .*is it up"):
        build(dies, "300")

    def again() -> Built | Unbuilt | None:
        with contextlib.suppress(Unavailable):
            return build(print, "0")
        return None

    built = wait(again, "the pod that comes after it to build", patience=60)
    assert isinstance(built, Built)
    assert built.fresh
