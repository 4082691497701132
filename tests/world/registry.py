"""A registry of images on this machine; what is published there is busybox with a variable of its own."""

import gzip
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import docker
from docker.errors import ImageNotFound

from tests.world.registry_tokens import TokenAuth
from tests.world.served import served

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_ASKED = re.compile(r"/v2/(?P<name>.+)/(?P<kind>manifests|blobs)/(?P<which>[^/]+)")


class Registry:
    """Serves tags that may move; give `image` to whoever pulls."""

    def __init__(self) -> None:
        self.host = ""
        self._config, self._layers = _busybox()
        self._blobs: dict[str, bytes] = {_digest(layer): layer for layer in self._layers}
        self._tags: dict[str, bytes] = {}
        self._down = False

    def image(self, tag: str, name: str = "acme/thing") -> str:
        """What to call it in a spec; it is there under every name."""
        return f"{self.host}/{name}:{tag}"

    def publish(self, tag: str, word: str) -> None:
        """Let the tag stand for an image whose variable WORD is this, from now on."""
        own = {**self._config["config"], "Env": [*self._config["config"]["Env"], f"WORD={word}"]}
        config = json.dumps({**self._config, "config": own}).encode()
        self._blobs[_digest(config)] = config
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _described("application/vnd.docker.container.image.v1+json", config),
            "layers": [_described("application/vnd.docker.image.rootfs.diff.tar.gzip", each) for each in self._layers],
        }
        self._tags[tag] = json.dumps(manifest).encode()

    def digest(self, tag: str) -> str:
        """What the tag stands for now."""
        return _digest(self._tags[tag])

    def away(self) -> None:
        """Answer nothing that is of use any more."""
        self._down = True

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as a registry does."""
        if self._down:
            start("503 Service Unavailable", [("Content-Length", "0")])
            return []
        asked = _ASKED.fullmatch(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/v2/":
            return _answered(start, "application/json", b"{}")
        found = self._found(asked["kind"], asked["which"]) if asked else None
        if found is None:
            start("404 Not Found", [("Content-Type", "application/json")])
            return [b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}']
        kind = _MANIFEST if asked and asked["kind"] == "manifests" else "application/octet-stream"
        return _answered(start, kind, found, head=environ["REQUEST_METHOD"] == "HEAD")

    def _found(self, kind: str, which: str) -> bytes | None:
        if kind == "blobs":
            return self._blobs.get(which)
        named = {_digest(manifest): manifest for manifest in self._tags.values()}
        return self._tags.get(which) or named.get(which)


@contextmanager
def registry(**accounts: tuple[str, str]) -> Iterator[Registry]:
    """One for as long as a `with` lasts; what was pulled from it goes with it.

    With accounts, by name their password and what all that they may pull begins with, it asks for a token.
    """
    made = Registry()
    with served(TokenAuth(made, accounts) if accounts else made) as url:
        made.host = url.removeprefix("http://")
        try:
            yield made
        finally:
            _forget(made.host)


def _answered(start: Callable[..., Any], kind: str, body: bytes, *, head: bool = False) -> list[bytes]:
    headers = [("Content-Type", kind), ("Docker-Content-Digest", _digest(body)), ("Content-Length", str(len(body)))]
    start("200 OK", headers)
    return [] if head else [body]


def _busybox() -> tuple[dict[str, Any], list[bytes]]:
    saved = io.BytesIO(b"".join(docker.from_env().images.get("busybox:latest").save()))
    with tarfile.open(fileobj=saved) as tar:

        def member(name: str) -> bytes:
            found = tar.extractfile(name)
            assert found is not None
            return found.read()

        (listed,) = json.loads(member("manifest.json"))
        layers = [gzip.compress(member(layer), mtime=0) for layer in listed["Layers"]]
        return json.loads(member(listed["Config"])), layers


def _described(kind: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "size": len(blob), "digest": _digest(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _forget(host: str) -> None:
    client = docker.from_env()
    for image in client.images.list():
        for name in (each for each in (*image.tags, *image.attrs["RepoDigests"]) if each.startswith(f"{host}/")):
            with suppress(ImageNotFound):
                client.images.remove(name, force=True)
