"""The testbed's registry and BuildKit, and others like them for a single test."""

import contextlib
import gzip
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

REGISTRY = "127.0.0.1:5000"
FROM_A_CLUSTER = "10.99.1.1:5000"
"""The same registry by the name that pods and nodes of the testbed's cluster have for it."""
PREFIX = f"{REGISTRY}/matinee-tests"

_TESTBED = Path(__file__).parents[1] / "testbed"
_MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
_STATE = Path(os.environ.get("MATINEE_TESTBED") or _CACHE / "matinee-testbed")
CERTIFICATES = _STATE / "buildkit-tls"
# The password `open-sesame` of the user `bot`; only the test's own registry asks for it.
_PASSWORDS = "bot:$2b$05$47B6KS18KBR5firnWj7HhOKkz3a5R5cq/UyxrRhj3YuGkSerggUHO\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Farm:
    """What a builder needs that pushes."""

    address: str
    secure: str = "tcp://127.0.0.1:12340"
    certificates: Path = CERTIFICATES

    @classmethod
    def up(cls) -> "Farm":
        """Start what is not running."""
        _script("registry.sh")
        return cls(address=_script("buildkit.sh"))

    @property
    def settings(self) -> Mapping[str, str]:
        """The bot's settings for it."""
        registry = {"registry": PREFIX, "registry_insecure": "true", "registry_mirror": REGISTRY}
        return {"buildkit_address": self.address, **registry}

    @property
    def tls(self) -> Mapping[str, str]:
        """The settings for the same daemon behind TLS."""
        files = {name: str(self.certificates / f"{name}.pem") for name in ("ca", "cert", "key")}
        return {"buildkit_address": self.secure, **{f"buildkit_tls_{name}": path for name, path in files.items()}}


def in_the_cluster(kubeconfig: str, *namespace: str) -> Mapping[str, str]:
    """The bot's settings for a BuildKit that runs in that cluster, behind TLS; started if it does not run."""
    address = _script("buildkit.sh", "cluster", *namespace, KUBECONFIG=kubeconfig)
    registry = {"registry": f"{FROM_A_CLUSTER}/matinee-tests", "registry_mirror": FROM_A_CLUSTER}
    return {"registry_insecure": "true", **registry, **Farm(address="", secure=address).tls}


def buildkit_image() -> str:
    """The daemon as an image, by the name that a cluster has for it."""
    return _script("buildkit.sh", "image")


@contextlib.contextmanager
def another_buildkit(folder: Path) -> Iterator[str]:
    """A daemon that has built nothing yet; its address."""
    folder.mkdir()
    listen = f"unix://{folder}/buildkitd.sock"
    words = ("--config", _STATE / "buildkit.toml", "--root", folder / "root", "--addr", listen)
    with _running([_STATE / "bin" / "buildkitd", *words], (folder / "buildkitd.sock").exists):
        yield listen


@contextlib.contextmanager
def locked_registry(folder: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """A registry that lets only `bot` in, with the password `open-sesame`; its address."""
    folder.mkdir()
    with socket.create_server((host, 0)) as free:
        address = f"{host}:{free.getsockname()[1]}"
    (folder / "htpasswd").write_text(_PASSWORDS)
    (folder / "registry.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/images}}}}\n"
        f"http: {{addr: '{address}'}}\nauth: {{htpasswd: {{realm: tests, path: {folder}/htpasswd}}}}\n"
    )

    def answers() -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"http://{address}/v2/", timeout=5).status_code == 401
        return False

    with _running(["docker-registry", "serve", folder / "registry.yml"], answers):
        yield address


@contextlib.contextmanager
def without_tls(address: str) -> Iterator[None]:
    """Let the testbed's node know that this registry has no TLS."""
    known = _STATE / "kubernetes" / "certs.d" / address
    known.mkdir()
    (known / "hosts.toml").write_text(f'server = "http://{address}"\n[host."http://{address}"]\n')
    try:
        yield
    finally:
        (known / "hosts.toml").unlink()
        known.rmdir()


def manifest(image: str, access: tuple[str, str] | None = None) -> requests.Response:
    """What a registry without TLS says of an image."""
    host, _, rest = image.partition("/")
    path, _, reference = rest.partition("@") if "@" in rest else rest.rpartition(":")
    url = f"http://{host}/v2/{path}/manifests/{reference}"
    return requests.get(url, headers={"Accept": _MANIFESTS}, auth=access, timeout=20)


def unpacked(image: str, access: tuple[str, str] | None = None) -> bytes:
    """All that the registry keeps for an image: its configuration and its layers."""
    host, _, rest = image.partition("/")
    told = manifest(image, access).json()
    at = f"http://{host}/v2/{rest.partition('@')[0]}/blobs"
    digests = [each["digest"] for each in (told["config"], *told["layers"])]
    blobs = [requests.get(f"{at}/{each}", auth=access, timeout=20).content for each in digests]
    return b"".join(gzip.decompress(each) if each.startswith(b"\x1f\x8b") else each for each in blobs)


def remove_pushed(repository: str) -> None:
    """Remove what was pushed for this repository, and its caches; the registry collects the layers if it likes."""
    caches = [f"cache:{tag}" for tag in _tags("cache") if tag.startswith(f"{repository}-")]
    for name in [*(f"{repository}:{tag}" for tag in _tags(repository)), *caches]:
        digest = manifest(f"{PREFIX}/{name}").headers.get("Docker-Content-Digest", "gone with another of its digest")
        path = f"{PREFIX}/{name}".removeprefix(f"{REGISTRY}/").rpartition(":")[0]
        requests.delete(f"http://{REGISTRY}/v2/{path}/manifests/{digest}", timeout=20)


def _tags(name: str) -> list[str]:
    path = PREFIX.removeprefix(f"{REGISTRY}/")
    return requests.get(f"http://{REGISTRY}/v2/{path}/{name}/tags/list", timeout=20).json().get("tags") or []


def _script(name: str, *words: str, **environment: str) -> str:
    command, given = [_TESTBED / name, *(words or ["up"])], {**os.environ, **environment}
    up = subprocess.run(command, check=False, capture_output=True, text=True, env=given)
    assert up.returncode == 0, f"{' '.join(map(str, command))} failed: {up.stderr}"
    return up.stdout.splitlines()[-1]


@contextlib.contextmanager
def _running(command: list[str | Path], ready: Callable[[], bool]) -> Iterator[None]:
    waiting = threading.Event()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemon:
        try:
            for _ in range(300):
                if ready():
                    break
                assert daemon.poll() is None, f"{command[0]} ended at once"
                waiting.wait(0.1)
            yield
        finally:
            daemon.terminate()
            daemon.wait(20)
