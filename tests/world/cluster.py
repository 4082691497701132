"""The real cluster: whatever KUBECONFIG names, else the testbed's own, brought up when the first test asks for it."""

import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

TESTBED = Path(__file__).parents[1] / "testbed" / "cluster.sh"
BUSYBOX = "docker.io/library/busybox"


@cache
def kubeconfig() -> str:
    """The file that leads to it; a cluster that is missing fails whoever asks."""
    if given := os.environ.get("KUBECONFIG"):
        return given
    up = subprocess.run([TESTBED, "up"], check=False, capture_output=True, text=True)
    assert up.returncode == 0, f"the cluster is missing and could not be set up: {up.stdout[-500:]}{up.stderr}"
    return up.stdout.splitlines()[-1].partition("=")[2]


@cache
def client() -> Any:
    """The SDK's dynamic client, for tests that look at what is there."""
    from kubernetes import config
    from kubernetes.dynamic import DynamicClient

    return DynamicClient(config.new_client_from_config(config_file=kubeconfig()))


@cache
def busybox() -> str:
    """The image with a shell, by a digest that the nodes have; by its tag where they have yet to fetch it."""
    nodes = client().resources.get(api_version="v1", kind="Node").get().items
    known = [name for node in nodes for image in node.status.images for name in image.names or ()]
    return next((name for name in known if name.startswith(f"{BUSYBOX}@")), f"{BUSYBOX}:latest")
