"""The example's whole life in a real cluster: built by BuildKit, fetched from a registry, run by Kubernetes."""

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_shop import FILES
from tests.world.bot import Bot, wait
from tests.world.cluster import client, kubeconfig
from tests.world.farm import Farm
from tests.world.github import GitHubWorld

pytestmark = [pytest.mark.engine, pytest.mark.cluster, pytest.mark.slow]

NODE = "10.99.1.1:5000"
"""The testbed's registry as its cluster calls it."""


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(world: GitHubWorld, tmp_path: Path, farm: Farm) -> Iterator[Bot]:
    cluster = {"runner": "kubernetes", "kubeconfig": kubeconfig(), "domain": "preview.test"}
    images = {**farm.settings, "builder": "buildkit", "registry": f"{NODE}/previews", "registry_mirror": NODE}
    with Bot(tmp_path / "state", {**world.settings, **cluster, **images}) as bot:
        world.hook = bot.hook
        yield bot


def namespace(environment: str) -> str:
    return f"matinee-{environment}"


def shows(environment: str, text: str) -> None:
    """Wait until the public service answers so at its address; a node learns of new pods a moment later."""
    services = client().resources.get(api_version="v1", kind="Service")
    address = services.get(name="web", namespace=namespace(environment)).spec.clusterIP

    def shown() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{address}:8080/", timeout=10) as answer:
            return text in answer.read().decode()
        return False

    wait(shown, f"the page to say {text!r}", patience=20)


def there(environment: str) -> bool:
    found = client().resources.get(api_version="v1", kind="Namespace").get().items
    return namespace(environment) in {each.metadata.name for each in found}


def hosts(environment: str) -> list[str]:
    ingresses = client().resources.get(api_version="networking.k8s.io/v1", kind="Ingress")
    return [rule.host for each in ingresses.get(namespace=namespace(environment)).items for rule in each.spec.rules]


def test_a_pull_of_the_shop_lives_in_a_cluster_from_its_opening_to_its_end(world: GitHubWorld, bot: Bot) -> None:
    pull = world.repository("acme/shop", FILES).open_pull(files={"news": "soon"})
    environment = pull.key.environment
    up = bot.settled(environment, pull.head, "running")
    banner = next(each["value"] for each in up["outputs"] if each["name"] == "BANNER")
    assert up["url"] == f"http://web-{environment}.preview.test"
    assert hosts(environment) == [f"web-{environment}.preview.test"]
    shows(environment, banner)

    pull.push({"web/index.cgi": FILES["web/index.cgi"] + "echo '<p>newer</p>'\n"})
    newer = bot.settled(environment, pull.head, "running")
    builds = {step["name"]: step["why"] for step in newer["steps"] if step["kind"] == "build"}
    assert [name for name, why in builds.items() if why != "unchanged"] == ["build web"]
    shows(environment, "newer")

    pull.push({"web/Dockerfile": FILES["web/Dockerfile"] + "RUN exit 3\n"})
    bot.settled(environment, pull.head, "failed")
    shows(environment, "newer")

    stopped = json.loads(bot.run("stop", environment, "--json"))
    assert stopped["state"] == "stopped"
    assert "run seed on stop" in [step["name"] for step in stopped["steps"]]

    pull.close()
    deleted = bot.settled(environment, None, "deleted")
    assert "run seed on delete" in [step["name"] for step in deleted["steps"]]
    wait(lambda: not there(environment), "the namespace to be gone")
    assert len(pull.comments) == 1
