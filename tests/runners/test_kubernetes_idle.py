"""A bot with nothing to do asks its cluster once a sweep, however many environments there are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Response

from bot.inbox import Inbox
from bot.sweeper.rounds import LOOKS
from tests.world.bot import Bot, wait
from tests.world.github import GitHubWorld
from tests.world.served import served

pytestmark = pytest.mark.slow


class Cluster:
    """An API server that is only counted at; it would refuse everything."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        self.kubeconfig = folder / "kubeconfig"

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        self.asked.append(environ["PATH_INFO"])
        return Response("no", 403)(environ, start)

    def lead(self, server: str) -> None:
        """Write the kubeconfig that leads here."""
        context = {"name": "it", "context": {"cluster": "it", "user": "it"}}
        parts = {"clusters": [{"name": "it", "cluster": {"server": server}}], "users": [{"name": "it", "user": {}}]}
        head = {"apiVersion": "v1", "kind": "Config", "current-context": "it"}
        self.kubeconfig.write_text(json.dumps({**head, **parts, "contexts": [context]}))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    with served(cluster) as server:
        cluster.lead(server)
        yield cluster


def test_an_idle_bot_asks_the_cluster_once_a_sweep_and_a_busy_one_more(cluster: Cluster, tmp_path: Path) -> None:
    builder = {"builder": "buildkit", "registry": "registry.example/previews"}
    runner = {"runner": "kubernetes", "kubeconfig": str(cluster.kubeconfig), "lease": "1", **builder}
    with GitHubWorld() as world, Bot(tmp_path / "state", {**world.settings, **runner}) as bot:
        world.hook = bot.hook
        inbox = Inbox.open(f"sqlite:///{bot.state}/matinee.db")

        def swept() -> bool:
            return {each.name for each in inbox.chores.all() if each.due_at > inbox.now} == LOOKS.keys()

        wait(swept, "the first sweep", otherwise=bot.told)
        asked = list(cluster.asked)
        assert len(asked) <= 3
        sent = world.ping()
        wait(lambda: sent.statuses, "the delivery to be answered")
        assert cluster.asked == asked
        world.repository("acme/shop", {"matinee.yaml": "version: 1\n"}, ana="write").open_pull()
        wait(lambda: cluster.asked > asked, "the bot to ask", otherwise=bot.told)
        inbox.close()
