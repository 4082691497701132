"""The bot's account in the real cluster, made from `deploy/kubernetes` under names of this process's own."""

import re
import time
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml

from tests.world import cluster

DEPLOY = Path(__file__).parents[2] / "deploy" / "kubernetes"
_NAME = re.compile(r"(matinee\.dev|== 'matinee'|'matinee-'|with matinee-)|matinee")
"""Of the account and its roles; neither our labels nor the prefix of namespaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A service account with the bot's rights, and the way to the cluster as it."""

    name: str
    """Of it, of its namespace and of its ClusterRoles."""
    kubeconfig: str

    @property
    def user(self) -> str:
        return f"system:serviceaccount:{self.name}:{self.name}"


_made: list[Account] = []


@cache
def bot() -> Account:
    """The one of this process, made at first use."""
    account = made(mkdtemp(prefix="matinee-account-"))
    _made.append(account)
    return account


def kubeconfig() -> str:
    """What leads to the cluster as the bot."""
    return bot().kubeconfig


def gone() -> None:
    """Remove what was made, once nobody acts as it any more."""
    while _made:
        account = _made.pop()
        remove(account)
        Path(account.kubeconfig).parent.rmdir()
    bot.cache_clear()


def made(folder: str) -> Account:
    """Apply the manifests, and wait until rights and boundaries hold."""
    name = f"bot-{uuid.uuid4().hex[:10]}"
    for body in manifests(name):
        cluster.client().resources.get(api_version=body["apiVersion"], kind=body["kind"]).create(body=body)
    kubeconfig = Path(folder) / f"{name}.kubeconfig"
    kubeconfig.touch(mode=0o600)
    kubeconfig.write_text(yaml.safe_dump(_config(_token(name))))
    account = Account(name=name, kubeconfig=str(kubeconfig))
    _await_bounds(account)
    return account


def remove(account: Account) -> None:
    """Take it all away again."""
    for body in reversed(manifests(account.name)):
        if "namespace" not in body["metadata"]:
            of = cluster.client().resources.get(api_version=body["apiVersion"], kind=body["kind"])
            of.delete(name=body["metadata"]["name"])
    Path(account.kubeconfig).unlink()


def manifests(name: str = "matinee") -> list[dict[str, Any]]:
    """What `kubectl apply -k` would apply, for an account of this name."""
    files = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())["resources"]
    texts = [_NAME.sub(lambda found: found[1] or name, (DEPLOY / file).read_text()) for file in files]
    return [body for text in texts for body in yaml.safe_load_all(text)]


def client(account: Account) -> Any:
    """The SDK's dynamic client as this account."""
    from kubernetes import config
    from kubernetes.dynamic import DynamicClient

    return DynamicClient(config.new_client_from_config(config_file=account.kubeconfig))


def _token(name: str) -> str:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 6 * 3600}}
    path = f"/api/v1/namespaces/{name}/serviceaccounts/{name}/token"
    return str(cluster.client().request("post", path, body=body)["status"]["token"])


def _config(token: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(Path(cluster.kubeconfig()).read_text())
    return {**config, "users": [{**user, "user": {"token": token}} for user in config["users"]]}


def _await_bounds(account: Account) -> None:
    """Policies are enforced some moments after they were made."""
    from kubernetes.client.rest import ApiException

    ends = time.monotonic() + 30
    namespaces = client(account).resources.get(api_version="v1", kind="Namespace")
    while True:
        try:
            namespaces.create(body={"metadata": {"name": "outside"}}, query_params=[("dryRun", "All")])
        except ApiException as error:
            if "ValidatingAdmissionPolicy" in str(error.body):
                return
        assert time.monotonic() < ends, f"nothing keeps {account.user} to its namespaces"
        time.sleep(0.05)
