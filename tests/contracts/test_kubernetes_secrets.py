"""The operator's secrets in a Secret of the cluster."""

import base64
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.core.errors import Misused, Unavailable
from bot.core.events import PullKey
from bot.keeping.cipher import new_key
from bot.keeping.vault import Vault
from bot.premises import secrets
from bot.world import vault
from runners._kubernetes.kinds import Kind, manifest
from tests.contracts.kubernetes_fixtures import api
from tests.world import cluster

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

OWNER = "github:1296269"
PULL = PullKey(forge="github", repository="1296269", number=7)
NOW = datetime(2026, 5, 4, tzinfo=UTC)
NAME = "matinee-secrets"


@pytest.fixture(scope="module")
def namespace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bot's own, as it were."""
    admin, name = api(tmp_path_factory.mktemp("admin"), cluster.kubeconfig()), f"test-operator-{uuid.uuid4().hex[:8]}"
    made = admin.create(manifest(Kind.NAMESPACE, name, {}))
    yield name
    there = admin.read(Kind.NAMESPACE, name)
    admin.delete(there or made)


@pytest.fixture
def place(namespace: str, tmp_path: Path) -> Iterator[str]:
    yield f"{namespace}/{NAME}"
    admin = api(tmp_path / "admin", cluster.kubeconfig())
    if there := admin.read(Kind.SECRET, NAME, namespace):
        admin.delete(there)


def settings(place: str, state: Path, **other: str) -> dict[str, str]:
    given = {"state": str(state), "secrets_file": "/nowhere", "kubeconfig": cluster.kubeconfig(), **other}
    return {"encryption_key": KEY, **given, "secrets_secret": place}


KEY = new_key()


def by_hand(place: str, folder: Path, text: str) -> None:
    """What `kubectl create secret generic` would make."""
    namespace, _, name = place.partition("/")
    data = {
        key: base64.b64encode(value.encode()).decode() for key, value in {"secrets.json": text, "mine": "x"}.items()
    }
    body = manifest(Kind.SECRET, name, {}, data=data)
    body["metadata"]["namespace"] = namespace
    api(folder / "admin", cluster.kubeconfig()).create(body)


def lies_there(place: str, folder: Path) -> dict[str, str]:
    namespace, _, name = place.partition("/")
    body = api(folder / "admin", cluster.kubeconfig()).read(Kind.SECRET, name, namespace)
    assert body is not None
    return {key: base64.b64decode(value).decode() for key, value in body["data"].items()}


def test_a_secret_that_was_set_is_given_to_its_pulls_and_lies_sealed_in_the_cluster(place, tmp_path):
    kept = vault(settings(place, tmp_path))
    assert kept.given(PULL, fork=False) == {}
    kept.set(OWNER, "HOOK", "s3cr3t-value", fork=False, now=NOW)
    kept.set(OWNER, "HOOK", "for-forks", fork=True, now=NOW)
    other = vault(settings(place, tmp_path / "other"))
    assert other.given(PULL, fork=False) == {"HOOK": "s3cr3t-value"}
    assert other.given(PULL, fork=True) == {"HOOK": "for-forks"}
    assert "s3cr3t-value" not in str(lies_there(place, tmp_path))
    assert other.unset(OWNER, "HOOK", fork=True)
    assert not other.unset(OWNER, "HOOK", fork=True)
    assert kept.given(PULL, fork=True) == {}


def test_what_an_operator_wrote_by_kubectl_is_read_and_sealed_at_a_rotation(place, tmp_path):
    by_hand(place, tmp_path, json.dumps({OWNER: {"trusted": {"PLAIN": "by-hand"}}}))
    kept = vault(settings(place, tmp_path))
    assert kept.given(PULL, fork=False) == {"PLAIN": "by-hand"}
    assert "1 of 1 are not encrypted" in secrets(settings(place, tmp_path)).why
    assert kept.reseal() == 1
    there = lies_there(place, tmp_path)
    assert "by-hand" not in there["secrets.json"]
    assert there["mine"] == "x"
    assert kept.given(PULL, fork=False) == {"PLAIN": "by-hand"}
    assert secrets(settings(place, tmp_path)).why == f"1 in Secret {place}: secrets.json, all of them open"


def test_operators_at_once_lose_nothing(place, tmp_path):
    def give(number: int) -> None:
        one: Vault = vault(settings(place, tmp_path / str(number)))
        one.set(OWNER, f"S{number}", "value", fork=False, now=NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(give, range(12)))
    assert len(vault(settings(place, tmp_path)).given(PULL, fork=False)) == 12


@pytest.mark.parametrize(("text", "why"), [("{", "is no JSON"), ('{"acme": {}}', "'acme' is no repository")])
def test_what_cannot_be_read_is_told_with_its_key_and_left_as_it_is(place, tmp_path, text, why):
    by_hand(place, tmp_path, text)
    with pytest.raises(Misused, match=f"Secret {place}: secrets.json.* {why}"):
        vault(settings(place, tmp_path)).set(OWNER, "HOOK", "x", fork=False, now=NOW)
    assert lies_there(place, tmp_path)["secrets.json"] == text


def test_a_name_that_is_no_place_is_told(tmp_path):
    with pytest.raises(Misused, match="write it as matinee/matinee-secrets"):
        vault(settings("matinee-secrets", tmp_path))


def test_a_namespace_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Unavailable, match='namespaces "nowhere-at-all" not found'):
        vault(settings("nowhere-at-all/it", tmp_path)).set(OWNER, "HOOK", "x", fork=False, now=NOW)


def test_an_account_without_the_right_is_told_which_it_lacks(place, namespace, tmp_path):
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(_as_nobody(namespace)))
    with pytest.raises(Unavailable, match=r'cannot get resource "secrets".*give matinee\'s account this right'):
        vault(settings(place, tmp_path, kubeconfig=str(file))).given(PULL, fork=False)


def test_the_commands_work_on_it_and_show_no_value(place, tmp_path):
    given = settings(place, tmp_path, runner="memory", builder="memory")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    environment = {**clean, **{f"MATINEE_{name.upper()}": value for name, value in given.items()}}

    def matinee(*words: str, said: str = "") -> str:
        line = [sys.executable, "-m", "bot.cli", "secrets", *words]
        done = subprocess.run(line, env=environment, input=said, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    shown = matinee("set", OWNER, "HOOK", said="s3cr3t-value\n") + matinee("list") + matinee("rotate")
    assert f"{OWNER}  trusted  HOOK" in shown
    assert "1 secrets" in shown
    assert "s3cr3t-value" not in shown
    matinee("unset", OWNER, "HOOK")
    assert "there are none" in matinee("list")


def _as_nobody(namespace: str) -> Any:
    """A kubeconfig of an account that may nothing."""
    from kubernetes import client, config

    core = client.CoreV1Api(config.new_client_from_config(config_file=cluster.kubeconfig()))
    core.create_namespaced_service_account(namespace, {"metadata": {"name": "nobody"}})
    asked = client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[]))
    token = core.create_namespaced_service_account_token("nobody", namespace, asked).status.token
    found = yaml.safe_load(Path(cluster.kubeconfig()).read_text())
    return {**found, "users": [{**user, "user": {"token": token}} for user in found["users"]]}
