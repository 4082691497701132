"""A Gateway's HTTPRoutes, as the real API server takes them: by the schema of the Gateway API's own CRD."""

import fcntl
import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.core.errors import Unavailable
from bot.core.group import Address, Group, Up
from bot.core.names import Url
from runners._kubernetes.kinds import Kind
from tests.contracts.kubernetes_fixtures import api, until
from tests.contracts.runner_fixtures import Place, placed
from tests.world import cluster

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

MODULE = "sigs.k8s.io/gateway-api@v1.4.0"
CRD = "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"
NAME = "httproutes.gateway.networking.k8s.io"
LOCK = Path(tempfile.gettempdir()) / "matinee-tests-gateway-api.lock"


@pytest.fixture(scope="module")
def definitions() -> Iterator[Any]:
    """The cluster's CRDs, for one test process at a time."""
    resource = cluster.client().resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    with LOCK.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield resource


@pytest.fixture
def known(definitions: Any) -> Iterator[None]:
    """A cluster that knows HTTPRoutes; it is left as it was."""
    if _there(definitions):
        yield
        return
    fetched = subprocess.run(["go", "mod", "download", "-json", MODULE], capture_output=True, check=True, cwd="/")
    text = (Path(json.loads(fetched.stdout)["Dir"]) / CRD).read_text()
    definitions.create(body=yaml.safe_load(text))
    until(lambda: _established(definitions), "the cluster to know HTTPRoutes")
    yield
    definitions.delete(name=NAME)
    until(lambda: not _there(definitions), "the CRD to be gone")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path), gateway="edge/public", kubernetes_requests="cpu=0")


def public(group: Group, host: str) -> Group:
    return replace(group, address=Address(host=group.name, port=8080, url=Url(f"https://{host}")))


def routes(place: Place, folder: Path) -> list[Any]:
    found = api(folder / "looks").listed(Kind.ROUTE, f"matinee-{place.home.environment}").items
    return [each["spec"] for each in found]


def test_a_public_service_has_a_route_to_the_gateway_that_follows_it(known: None, place: Place, tmp_path: Path) -> None:
    web = place.web("hello", name="web")
    assert place.start(public(web, "web-1.preview.test")) == Up(changed=True)
    [route] = routes(place, tmp_path)
    assert route["hostnames"] == ["web-1.preview.test"]
    [parent] = route["parentRefs"]
    assert (parent["namespace"], parent["name"], parent["kind"]) == ("edge", "public", "Gateway")
    [rule] = route["rules"]
    [backend] = rule["backendRefs"]
    assert (backend["name"], backend["port"], backend["kind"]) == ("web", 8080, "Service")
    assert rule["matches"] == [{"path": {"type": "PathPrefix", "value": "/"}}]

    assert place.start(public(replace(web, version="two"), "shop.example.com")) == Up(changed=True)
    assert [each["hostnames"] for each in routes(place, tmp_path)] == [["shop.example.com"]]
    assert place.start(replace(web, version="three")) == Up(changed=True)
    assert routes(place, tmp_path) == []
    assert place.start(public(replace(web, version="four"), "shop.example.com")) == Up(changed=True)
    place.runner.discard(place.home, web.name, log=print)
    assert routes(place, tmp_path) == []
    assert place.runner.remove(place.home, log=print).objects == ()


def test_a_cluster_without_the_gateway_api_is_told_and_what_to_install(definitions: Any, place: Place) -> None:
    if _there(definitions):
        pytest.skip("this cluster knows HTTPRoutes")
    with pytest.raises(Unavailable, match=r"knows no HTTPRoute.*install the Gateway API's CRDs, or .* MATINEE_GATEWAY"):
        place.start(public(place.web("hello", name="web"), "web-1.preview.test"))
    assert place.runner.remove(place.home, log=print).objects == ()


def _there(definitions: Any) -> bool:
    return any(each.metadata.name == NAME for each in definitions.get().items)


def _established(definitions: Any) -> bool:
    conditions = definitions.get(name=NAME).status.conditions or ()
    return any(each.type == "Established" and each.status == "True" for each in conditions)
