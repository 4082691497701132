import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners._kubernetes import names
from runners._kubernetes.exec import Spot
from runners._kubernetes.kinds import Kind, manifest
from runners._kubernetes.logs import Reading
from runners._kubernetes.pod import claim, kept
from tests.contracts.kubernetes_fixtures import by_admin, ground, seen, until
from tests.contracts.runner_fixtures import Place, placed
from tests.world import cluster


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path))


@pytest.mark.engine
@pytest.mark.cluster
def test_the_cluster_runs_the_image_with_names_and_volumes(place: Place, tmp_path: Path) -> None:
    hold = ground(tmp_path / "cache").hold(place.home)
    hold.ensure(claim(place.home, "data", 2**20, {}))
    asked = "nslookup kubernetes.default.svc.cluster.local > /dev/null && echo found"
    script = f"echo kept > /data/file; cat /data/file; {asked}"
    container = {"name": names.OWN, "image": place.image, "command": ["sh", "-c", script]}
    mounted = {**container, "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    spec = {"restartPolicy": "Never", "containers": [mounted], "volumes": [kept("data", "data")]}
    by_admin(hold).ensure(manifest(Kind.POD, "look", {}, spec=spec))
    spot = Spot(namespace=hold.namespace, pod="look", container=names.OWN)
    until(lambda: seen(hold, spot).vessel(names.OWN).began, "the container to begin", patience=60)
    assert list(Reading(hold.api, spot).lines(follow=True)) == ["kept", "found"]


@pytest.mark.engine
@pytest.mark.cluster
def test_a_cluster_that_is_up_is_asked_for_again_at_no_cost() -> None:
    if "KUBECONFIG" in os.environ:
        return
    again = subprocess.run([cluster.TESTBED, "up"], capture_output=True, text=True, check=True)
    assert again.stdout.splitlines() == [f"export KUBECONFIG={cluster.kubeconfig()}"]


def test_a_missing_cluster_fails_the_run_and_says_what_is_missing(tmp_path: Path) -> None:
    asked = "from tests.world import cluster; cluster.kubeconfig()"
    nowhere = {**os.environ, "MATINEE_TESTBED": str(tmp_path), "PATH": f"{tmp_path}:{_without_apt(tmp_path)}"}
    nowhere.pop("KUBECONFIG", None)
    root = Path(__file__).parents[2]
    words = [sys.executable, "-c", asked]
    done = subprocess.run(words, cwd=root, env=nowhere, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the cluster is missing and could not be set up" in done.stderr
    assert "set KUBECONFIG to one of yours" in done.stderr


def _without_apt(folder: Path) -> Path:
    """The system's programs, but for what installs more of them."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("bash", "env", "dirname", "mkdir", "flock", "id", "cat", "tr", "grep", "basename"):
        found = subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
        (tools / name).symlink_to(found)
    return tools
