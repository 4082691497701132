"""The chart in a real cluster, with the image that is built from here: installed, tried, upgraded, taken away, back again."""

import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.golden import golden
from tests.world import farm
from tests.world.bot import wait
from tests.world.chart import Release, image, kubectl, release
from tests.world.front_door import front_door
from tests.world.github import API, GitHubWorld
from tests.world.houses import House, in_namespaces, page
from tests.world.tls import behind_tls

pytestmark = [pytest.mark.engine, pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]

SLOW = """\
version: 1
services: {web: {image: busybox, port: 80, entrypoint: [httpd, -f, -p, "80"], needs: [seed]}}
jobs: {seed: {image: busybox, entrypoint: [sleep], args: ["12"], on: [deploy]}}
"""
NODE = farm.FROM_A_CLUSTER.partition(":")[0]
HOST = "bot.test"


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def house() -> Iterator[House]:
    with front_door() as proxies:
        yield House(settings={}, page=partial(page, proxies=proxies), left=in_namespaces)


@pytest.fixture
def bot(world: GitHubWorld, tmp_path: Path) -> Iterator[Release]:
    """A namespace with the secrets that the chart wants, and with the authority of the forge, the only one to be trusted."""
    secrets = {"forge": {"github_token": world.token, "github_webhook_secret": world.secret}}
    port = int(world.base.rpartition(":")[2])
    with behind_tls(NODE, port, tmp_path) as forge, release(partial(values, forge.base), secrets, tmp_path) as bot:
        bot.kubectl("create", "configmap", "authorities", f"--from-literal=ca.crt={forge.authority}")
        yield bot


def values(forge: str, name: str) -> dict[str, Any]:
    """What an operator writes, with a builder and a prefix of the release's own."""
    repository, _, digest = image().partition("@")
    insecure = "".join(f'[registry."{each}"]\n  http = true\n' for each in (farm.FROM_A_CLUSTER, farm.REGISTRY))
    mirror = f'[registry."docker.io"]\n  mirrors = ["{farm.FROM_A_CLUSTER}"]\n'
    return {
        "image": {"repository": repository, "digest": digest},
        "credentials": {"existingSecret": "forge"},
        "caBundle": {"configMap": "authorities"},
        "settings": {
            "github_url": f"{forge}{API}",
            "domain": "preview.test",
            "namespace_prefix": f"{name}-",
            "registry": f"{farm.FROM_A_CLUSTER}/matinee-tests",
            "registry_mirror": farm.FROM_A_CLUSTER,
            "registry_insecure": "true",
        },
        "buildkit": {
            "enabled": True,
            "namespace": f"builds-of-{name}",
            "image": farm.buildkit_image(),
            "config": insecure + mirror,
            "resources": {},
        },
        "ingress": {"enabled": True, "host": HOST, "tlsSecret": "certificate"},
        "persistence": {"size": "1Gi"},
        "resources": {"requests": {"cpu": "10m"}},
    }


def test_a_release_from_its_install_to_its_uninstall_and_back(
    world: GitHubWorld, bot: Release, house: House
) -> None:
    bot.helm("install")
    world.hook = bot.hook
    assert bot.helm("test").count("Phase:          Succeeded") == 2
    golden(world, bot, house)
    upgraded_in_the_middle_of_a_deploy(world, bot)
    uninstalled(bot)


def upgraded_in_the_middle_of_a_deploy(world: GitHubWorld, bot: Release) -> None:
    """People go on talking while the bot is replaced: each is heard once, and the job that runs is not started anew."""
    pull = world.repository("acme/slow", {"matinee.yaml": SLOW}).open_pull(files={"news": "soon"})
    environment = pull.key.environment
    wait(lambda: "running" in bot.of(environment).get("steps", [{}])[0].get("state", ""), "the job", otherwise=bot.told)
    over = threading.Event()

    def talk() -> None:
        while not over.wait(0.5):
            pull.say("ana", "/preview help")

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        bot.helm("upgrade", "--set", "podAnnotations.again=yes")
    finally:
        over.set()
        talking.join()
    said = [sent for sent in world.deliveries if sent.event == "issue_comment"]
    assert any(sent.status == 0 for sent in said), "the bot was never away"
    wait(lambda: all("rocket" in signs for signs in pull.signs), "all to be heard", otherwise=bot.told)
    up = bot.settled(environment, pull.head, "running")
    print(json.dumps(up, indent=1))
    pull.close()
    bot.settled(environment, None, "deleted")


def uninstalled(bot: Release) -> None:
    bot.helm("uninstall", "--wait")
