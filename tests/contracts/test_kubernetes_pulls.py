"""Images of a registry that lets only some in: pushed by BuildKit, fetched by a node with the namespace's Secret."""

import base64
import json
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import plugins
from bot.core.errors import Misused
from bot.core.group import Ended, Fate, Home, Up
from bot.core.model import Build, Hook
from bot.core.telling.reasons import reason
from builders.source import Sources
from runners._kubernetes import names
from runners._kubernetes.kinds import Kind
from tests.contracts.kubernetes_fixtures import api, by_admin, ground
from tests.contracts.leaving import leaving
from tests.contracts.runner_fixtures import Place, environment, settings_for
from tests.world import cluster
from tests.world.farm import Farm, locked_registry, without_tls
from tests.world.history import History

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

NODE = "10.99.1.1"
PASSWORD = "open-sesame"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if "KUBECONFIG" in os.environ and "matinee-testbed" not in os.environ["KUBECONFIG"]:
        (pytest.fail if "CI" in os.environ else pytest.skip)(
            "only the testbed's node can be told of a registry without TLS"
        )
    cluster.kubeconfig()
    with locked_registry(tmp_path_factory.mktemp("registry") / "it", NODE) as address, without_tls(address):
        yield address


@pytest.fixture
def image(registry: str, farm: Farm, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image that nobody has but this registry, and no node yet: a push with the credentials, by its digest."""
    folder = tmp_path_factory.mktemp("build")
    settings = {
        "state": str(folder / "state"),
        **farm.settings,
        "registry": f"{registry}/previews",
        "registry_credentials_file": credentials(folder, registry),
    }
    history = History(folder / "origin.git")
    history.commit({"Dockerfile": "FROM busybox\nCOPY word /word\n", "word": uuid.uuid4().hex})
    sources, nobody = Sources(folder / "mirrors", pauses=()), threading.Event()
    commit = sources.fetch(history.url, None, repository="local-1", sha=history.head, cancel=nobody)
    built = plugins.create("builders", "buildkit", settings).build(commit, Build(), log=print, cancel=nobody)
    return str(built.image)


@pytest.fixture
def on_terms(tmp_path: Path, image: str) -> Iterator[Callable[..., Place]]:
    made: list[Place] = []

    def place(**settings: str) -> Place:
        state = {"state": str(tmp_path / str(len(made))), "kubernetes_requests": "cpu=0"}
        runner = plugins.create("runners", "kubernetes", {**state, **settings_for("kubernetes"), **settings})
        made.append(Place(runner=runner, image=image, home=Home(environment=environment(), generation=1)))
        return made[-1]

    yield place
    for each in made:
        leaving.go(each.runner, each.at(10**6).home)


def credentials(folder: Path, host: str, password: str = PASSWORD) -> str:
    auth = base64.b64encode(f"bot:{password}".encode()).decode()
    file = folder / "config.json"
    file.write_text(json.dumps({"auths": {host: {"auth": auth}, "elsewhere.example": {"auth": auth}}}))
    return str(file)


def kept(place: Place, folder: Path) -> object:
    """What the namespace has to fetch images with."""
    found = api(folder / "looks", cluster.kubeconfig()).read(
        Kind.SECRET, names.PULLING, f"matinee-{place.home.environment}"
    )
    assert found is not None
    assert found["type"] == "kubernetes.io/dockerconfigjson"
    return json.loads(base64.b64decode(found["data"][".dockerconfigjson"]))["auths"]


def test_an_image_that_is_not_for_everybody_is_fetched_with_the_credentials_of_our_registry_alone(
    on_terms: Callable[..., Place], registry: str, tmp_path: Path
) -> None:
    place = on_terms(registry=f"{registry}/previews", registry_credentials_file=credentials(tmp_path, registry))
    job = place.job("ls /var/run/secrets; cat /word")
    assert place.run(job).succeeded, place.lines
    assert "kubernetes.io" not in place.lines
    auth = base64.b64encode(f"bot:{PASSWORD}".encode()).decode()
    assert kept(place, tmp_path) == {registry: {"auth": auth}}
    looks, namespace = api(tmp_path / "looks", cluster.kubeconfig()), f"matinee-{place.home.environment}"
    for kind in (Kind.POD, Kind.JOB, Kind.ACCOUNT, Kind.CONFIG):
        assert auth not in str(looks.listed(kind, namespace))
    assert auth not in str(looks.read(Kind.NAMESPACE, namespace))


def test_what_may_pull_only_is_used_in_place_of_what_may_push(
    on_terms: Callable[..., Place], registry: str, tmp_path: Path
) -> None:
    place = on_terms(
        registry=f"{registry}/previews",
        registry_credentials_file=str(tmp_path / "none.json"),
        registry_pull_credentials_file=credentials(tmp_path, registry),
    )
    tasks = (place.task("before", "cat /word", Hook.PRESTART, max_duration=60),)
    assert place.start(place.web("hello", name="web", tasks=tasks, max_duration=60)) == Up(changed=True)


def test_without_credentials_it_is_told_that_the_pull_was_denied_and_what_to_do(
    on_terms: Callable[..., Place],
) -> None:
    place = on_terms()
    for group, ended in ((job := place.job("true"), place.run(job)), (web := place.web("hello"), place.start(web))):
        assert isinstance(ended, Ended)
        assert ended.fate is Fate.NOT_STARTED
        assert ended.detail.startswith("pull denied: ")
        told = reason(ended, group)
        assert "the cluster may not fetch its image" in told
        assert "MATINEE_REGISTRY_PULL_CREDENTIALS_FILE" in told


def test_credentials_that_were_changed_are_in_use_from_the_next_act_on(
    on_terms: Callable[..., Place], registry: str, tmp_path: Path
) -> None:
    file = credentials(tmp_path, registry, "wrong")
    place = on_terms(registry_pull_credentials_file=file)
    refused = place.run(place.job("true"))
    assert refused.detail.startswith("pull denied: ")
    assert "wrong" not in refused.detail
    credentials(tmp_path, registry)
    assert place.run(place.job("cat /word")).succeeded, place.lines


def test_credentials_that_are_taken_out_of_the_settings_go_from_the_namespace(
    on_terms: Callable[..., Place], registry: str, tmp_path: Path
) -> None:
    place = on_terms(registry_pull_credentials_file=credentials(tmp_path, registry))
    assert place.run(place.job("true")).succeeded
    hold = ground(tmp_path / "without").hold(replace(place.home, generation=2))
    assert hold.read(Kind.SECRET, names.PULLING) is None
    account = by_admin(hold).read(Kind.ACCOUNT, names.ACCOUNT)
    assert account is not None
    assert "imagePullSecrets" not in account


def test_an_entry_that_is_for_other_repositories_pulls_is_in_no_namespace_of_this_one(
    on_terms: Callable[..., Place], registry: str, tmp_path: Path
) -> None:
    file = Path(credentials(tmp_path, registry))
    file.write_text(json.dumps({**json.loads(file.read_text()), "pulls": {"elsewhere.example": ["github:1"]}}))
    place = on_terms(registry_pull_credentials_file=str(file))
    assert place.run(place.job("true")).succeeded
    assert kept(place, tmp_path) == {registry: {"auth": base64.b64encode(f"bot:{PASSWORD}".encode()).decode()}}


def test_a_file_that_cannot_be_read_stops_a_deploy_and_no_delete(
    on_terms: Callable[..., Place], registry: str, tmp_path: Path
) -> None:
    file = Path(credentials(tmp_path, registry))
    place = on_terms(registry_pull_credentials_file=str(file))
    assert place.start(place.web("hello", name="web", max_duration=60)) == Up(changed=True)
    file.unlink()
    with pytest.raises(Misused, match=r"MATINEE_REGISTRY_PULL_CREDENTIALS_FILE: .* cannot be read"):
        place.start(place.web("hello", name="another"))
    assert place.runner.remove(place.home, log=print).objects == ()
