"""A preview of one service in a cluster, over kubectl making the same: the namespace, the objects, the wait."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from bench.product import Product, product
from bench.rounds import Ratio, in_turn
from bot.core.errors import Misused
from bot.core.events import Want

SPEC = """\
version: 1
services:
  web:
    image: busybox
    entrypoint: [httpd, -f, -p, "8080"]
    port: 8080
    public: true
    health: {tcp: 8080}
    resources: {memory: 64Mi}
"""
REGISTRY = "10.99.1.1:5000"
"""The testbed's, which stands in for Docker Hub."""
IMAGES = {
    "builder": "buildkit",
    "registry": f"{REGISTRY}/bench",
    "registry_insecure": "true",
    "registry_mirror": REGISTRY,
}
BY_HAND = "matinee-bench-by-hand"
KINDS = "serviceaccount,resourcequota,limitrange,networkpolicy,deployment,service,ingress,secret"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
_TESTBED = Path(os.environ.get("MATINEE_TESTBED") or _CACHE / "matinee-testbed")


def measured(rounds: int) -> tuple[Ratio, ...]:
    """From the wish to a preview that is up, over the same by kubectl; what was there is taken away in between."""
    kubeconfig = os.environ.get("KUBECONFIG") or str(_TESTBED / "kubernetes" / "admin.kubeconfig")
    if not Path(kubeconfig).exists():
        raise Misused("there is no cluster: `make cluster` sets one up, or KUBECONFIG names one of yours")
    runner = {"runner": "kubernetes", "kubeconfig": kubeconfig, "domain": "preview.test"}
    with product({"matinee.yaml": SPEC}, **runner, **IMAGES) as made:
        made.turned()
        environment = str(made.wish.key.environment)
        manifests = _manifests(f"matinee-{environment}", kubeconfig)
        made.turned(Want.DELETE)
        found = in_turn(lambda: _ours(made), lambda: _theirs(manifests, kubeconfig), rounds)
    ours, theirs = tuple(our for our, _ in found), tuple(their for _, their in found)
    return (Ratio(name="a preview in a cluster", against="kubectl", ours=ours, theirs=theirs, target=1.10),)


def _ours(made: Product) -> float:
    taken = made.turned().whole
    made.turned(Want.DELETE)
    return taken


def _theirs(manifests: str, kubeconfig: str) -> float:
    began = time.monotonic()
    _kubectl(kubeconfig, "create", "namespace", BY_HAND)
    try:
        _kubectl(kubeconfig, "apply", "--namespace", BY_HAND, "--filename", "-", given=manifests)
        _kubectl(
            kubeconfig,
            "wait",
            "--namespace",
            BY_HAND,
            "--for=condition=Available",
            "deployment",
            "--all",
            "--timeout=60s",
        )
        return time.monotonic() - began
    finally:
        _kubectl(kubeconfig, "delete", "namespace", BY_HAND, "--wait")


def _manifests(namespace: str, kubeconfig: str) -> str:
    """What a preview consists of, as one would have written it."""
    chosen = ("--selector", "app.kubernetes.io/managed-by=matinee", "--output", "json")
    found = json.loads(_kubectl(kubeconfig, "get", KINDS, "--namespace", namespace, *chosen))
    # The other Secrets hold what matinee remembers.
    needed = [
        each for each in found["items"] if each["kind"] != "Secret" or each["metadata"]["name"].startswith("web-")
    ]
    return json.dumps({**found, "items": [_as_written(each) for each in needed]})


def _as_written(body: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in body.items() if key not in ("metadata", "status")}
    spec = {key: value for key, value in body.get("spec", {}).items() if key not in ("clusterIP", "clusterIPs")}
    metadata = {key: body["metadata"][key] for key in ("name", "labels")}
    return {**kept, "metadata": metadata, **({"spec": spec} if "spec" in kept else {})}


def _kubectl(kubeconfig: str, *words: str, given: str | None = None) -> str:
    own = _TESTBED / "bin" / "kubectl"
    command = [str(own) if own.exists() else "kubectl", "--kubeconfig", kubeconfig, *words]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=True).stdout
