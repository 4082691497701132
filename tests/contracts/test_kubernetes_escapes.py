"""What a namespace of ours refuses, even to whoever may everything in the cluster; and what it does not."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from kubernetes.client.rest import ApiException

from runners._kubernetes.hold import Hold
from tests.contracts.kubernetes_fixtures import ground
from tests.contracts.runner_fixtures import Place, placed
from tests.world import cluster
from tests.world.escapes import ESCAPES, SAFE_POD, Body, Guard, guarded

pytestmark = [pytest.mark.engine, pytest.mark.cluster]
BOTH = (Guard.BASELINE, Guard.QUOTA)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    for one in placed("kubernetes", str(tmp_path_factory.mktemp("strict"))):
        yield replace(one, home=replace(one.home, fork=True))


@pytest.fixture(scope="module")
def hold(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Hold:
    place.runner.remember(place.home, place.standing())
    return ground(tmp_path_factory.mktemp("bot")).hold(place.home)


@pytest.fixture(scope="module")
def of_fork(strict: Place, tmp_path_factory: pytest.TempPathFactory) -> Hold:
    strict.runner.remember(strict.home, strict.standing())
    return ground(tmp_path_factory.mktemp("other-bot")).hold(strict.home)


def create(body: Body, **options: str) -> None:
    """As whoever may everything."""
    kind = cluster.client().resources.get(api_version=body["apiVersion"], kind=body["kind"])
    kind.create(body=body, query_params=list(options.items()))


def refusal(body: Body) -> str:
    with pytest.raises(ApiException) as refused:
        create(body)
    assert refused.value.status == 403
    return str(json.loads(refused.value.body)["message"])


@pytest.mark.parametrize("name", guarded(*BOTH))
def test_what_reaches_out_of_a_preview_is_refused_by_its_namespace(hold: Hold, name: str) -> None:
    escape = ESCAPES[name]
    words = {Guard.BASELINE: 'violates PodSecurity "baseline', Guard.QUOTA: "exceeded quota: preview"}
    assert words[escape.guard] in refusal(escape.within(hold.namespace))


@pytest.mark.parametrize("name", guarded(*BOTH, Guard.RESTRICTED))
def test_that_of_a_fork_refuses_all_that_and_more(of_fork: Hold, name: str) -> None:
    escape = ESCAPES[name]
    words = "exceeded quota: preview" if escape.guard is Guard.QUOTA else 'violates PodSecurity "restricted'
    assert words in refusal(escape.within(of_fork.namespace))


@pytest.mark.parametrize("name", guarded(Guard.NONE))
def test_what_only_we_refuse_a_namespace_would_take(of_fork: Hold, name: str) -> None:
    create(ESCAPES[name].within(of_fork.namespace), dryRun="All")


def test_a_pod_that_reaches_for_nothing_is_taken(of_fork: Hold) -> None:
    create(SAFE_POD.within(of_fork.namespace), dryRun="All")
