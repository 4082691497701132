"""Where a whole story plays: what a bot is given there, how a URL is opened, and what an environment has left."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import requests

from tests.world import account
from tests.world.cluster import client, kubeconfig
from tests.world.engine_left import left
from tests.world.farm import in_the_cluster
from tests.world.front_door import front_door


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One place.

    `page` opens a URL as it is written, and is empty where nobody answers; `left` names what an environment still has.
    """

    settings: Mapping[str, str]
    page: Callable[[str], str]
    left: Callable[[str], list[str]]


@contextmanager
def on_docker() -> Iterator[House]:
    """One engine runs and builds."""
    yield House(settings={}, page=page, left=left)


@contextmanager
def in_a_cluster() -> Iterator[House]:
    """A cluster runs, and a BuildKit inside it builds."""
    runner = {"runner": "kubernetes", "kubeconfig": account.kubeconfig(), "domain": "preview.test"}
    builder = {"builder": "buildkit", **in_the_cluster(kubeconfig())}
    with front_door() as proxies:
        yield House(settings={**runner, **builder}, page=partial(page, proxies=proxies), left=in_namespaces)


def page(url: str, proxies: Mapping[str, str] | None = None) -> str:
    """What is to be seen at a URL."""
    try:
        answer = requests.get(url, proxies=proxies, timeout=10)
    except requests.ConnectionError:
        return ""
    return answer.text if answer.ok else ""


HOUSES = {"docker": on_docker, "kubernetes": in_a_cluster}


def in_namespaces(environment: str) -> list[str]:
    namespaces = client().resources.get(api_version="v1", kind="Namespace")
    selector = f"matinee.dev/environment={environment}"
    return [each.metadata.name for each in namespaces.get(label_selector=selector).items]
