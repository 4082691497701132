"""Where a whole story plays: what a bot is given there, how a URL is opened, and what an environment has left."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import requests

from tests.world import account
from tests.world.cluster import client, kubeconfig
from tests.world.engine_left import left
from tests.world.farm import FROM_A_CLUSTER, Farm, in_the_cluster
from tests.world.front_door import front_door

FOR_FORKS = f"{FROM_A_CLUSTER}/matinee-forks"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One place.

    `page` opens a URL as it is written, and is empty where nobody answers; `left` names what an environment still has.
    """

    settings: Mapping[str, str]
    forks: Mapping[str, str] = field(default_factory=dict)
    """What lets pulls from forks run there as well."""
    page: Callable[[str], str]
    left: Callable[[str], list[str]]


@contextmanager
def on_docker() -> Iterator[House]:
    """One engine runs and builds."""
    forks = {"docker_forks": "allow", "fork_builder": "docker"}
    yield House(settings={}, forks=forks, page=page, left=left)


@contextmanager
def in_a_cluster() -> Iterator[House]:
    """A cluster runs, and a BuildKit inside it builds; for forks one beside it, into a place of their own."""
    runner = {"runner": "kubernetes", "kubeconfig": account.kubeconfig(), "domain": "preview.test"}
    builder = {"builder": "buildkit", **in_the_cluster(kubeconfig())}
    theirs = {"builder": "buildkit", "registry": FOR_FORKS, "buildkit_address": Farm.up().address}
    forks = {f"fork_{name}": value for name, value in {**builder, **theirs}.items() if "tls" not in name}
    with front_door() as proxies:
        opened = partial(page, proxies=proxies)
        yield House(settings={**runner, **builder}, forks=forks, page=opened, left=in_namespaces)


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
