import contextlib
import json
import re
import socket
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.errors import Misused, Unavailable
from bot.core.names import registry_of
from builders import buildkit
from builders._buildkit_daemon import daemon
from builders._image_name import bare
from builders._registry import Kind, _unfound, registry

GIVEN = {"state": "state", "registry": "registry.example/previews"}
OPEN = {"http": True, "insecure": True}
ALL_TLS = {f"buildkit_tls_{name}": f"/tls/{name}.pem" for name in ("ca", "cert", "key")}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"registry": ""}, "MATINEE_REGISTRY: not set"),
        ({"registry": "https://registry.example/previews"}, "MATINEE_REGISTRY: 'https://registry.example/previews'"),
        ({"registry": "registry.example/previews,push=false"}, "MATINEE_REGISTRY: "),
        ({"buildkit_memory": "4g"}, "MATINEE_BUILDKIT_MEMORY: '4g' is no amount of memory; write it as 4Gi"),
        ({"buildkit_cpus": "all"}, "MATINEE_BUILDKIT_CPUS: 'all' is no number of CPUs"),
        ({"buildkit_cpus": "0"}, "MATINEE_BUILDKIT_CPUS: '0' is no number of CPUs"),
        ({"registry_insecure": "yes"}, "MATINEE_REGISTRY_INSECURE: 'yes' is neither true nor false"),
        ({"registry_mirror": 'a"]\n[worker'}, "MATINEE_REGISTRY_MIRROR: "),
        ({"buildkit_address": "buildkit:1234"}, "MATINEE_BUILDKIT_ADDRESS: 'buildkit:1234' is no address"),
        ({"buildkit_address": "ssh://somewhere"}, "MATINEE_BUILDKIT_ADDRESS: "),
        (
            {"buildkit_address": "tcp://buildkit:1234", "buildkit_tls_ca": "ca.pem"},
            "MATINEE_BUILDKIT_TLS_CERT, MATINEE_BUILDKIT_TLS_KEY: not set",
        ),
        ({"buildkit_address": "unix:///run/a.sock", **ALL_TLS}, "is a socket and has no TLS"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_is_told_by_its_name(given: dict[str, str], told: str) -> None:
    with pytest.raises(Misused, match=re.escape(told)):
        buildkit.create({**GIVEN, **given})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, {}),
        ({"registry_mirror": "mirror.example/hub"}, {"docker.io": {"mirrors": ["mirror.example/hub"]}}),
        ({"registry_insecure": "true"}, {"registry.example": OPEN}),
        (
            {"registry": "team/previews", "registry_insecure": "true", "registry_mirror": "10.0.0.1:5000"},
            {"docker.io": {"mirrors": ["10.0.0.1:5000"]}, "10.0.0.1:5000": OPEN},
        ),
    ],
    ids=str,
)
def test_registries_are_asked_as_the_settings_say(given: dict[str, str], told: dict[str, object]) -> None:
    assert tomllib.loads(registry({**GIVEN, **given}).toml).get("registry", {}) == told


def test_certificates_are_named_to_buildx_by_absolute_paths() -> None:
    found = daemon({"buildkit_address": "tcp://buildkit:1234", **ALL_TLS, "buildkit_tls_key": "key.pem"})
    assert found.tls == {"cacert": "/tls/ca.pem", "cert": "/tls/cert.pem", "key": str(Path("key.pem").absolute())}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read: No such file"),
        ("auths: {}", "is no JSON"),
        ('{"credsStore": "desktop", "auths": {"registry.example": {}}}', 'has no credentials under "auths"'),
        ("[]", 'has no credentials under "auths"'),
    ],
    ids=str,
)
def test_credentials_that_cannot_be_used_are_told_with_their_file(tmp_path: Path, text: str | None, told: str) -> None:
    file = tmp_path / "config.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(Misused, match=re.escape(told)) as error:
        registry({**GIVEN, "registry_credentials_file": str(file)}).config()
    assert f"MATINEE_REGISTRY_CREDENTIALS_FILE: {file}" in str(error.value)


def test_of_dockers_configuration_only_the_credentials_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    auths = {"registry.example": {"auth": "Ym90Og=="}}
    file.write_text(json.dumps({"auths": auths, "credHelpers": {"a": "b"}, "proxies": {}, "HttpHeaders": {"A": "b"}}))
    assert json.loads(registry({**GIVEN, "registry_credentials_file": str(file)}).config()) == {"auths": auths}


@pytest.mark.parametrize(
    ("image", "name", "registry"),
    [
        ("busybox", "busybox", "docker.io"),
        ("busybox:1.36", "busybox", "docker.io"),
        ("team/web:1", "team/web", "docker.io"),
        ("localhost/web", "localhost/web", "localhost"),
        ("registry.example:5000/web", "registry.example:5000/web", "registry.example:5000"),
        ("registry.example:5000/web:1@sha256:ab", "registry.example:5000/web", "registry.example:5000"),
    ],
)
def test_a_name_has_a_part_without_tag_and_a_registry(image: str, name: str, registry: str) -> None:
    assert (bare(image), registry_of(image)) == (name, registry)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("registry.example/web:1: not found", Kind.ABSENT),
        ("unexpected status from HEAD request to https://a/v2/b/manifests/1: 401 Unauthorized", Kind.DENIED),
        ("pull access denied, repository does not exist or may require authorization", Kind.DENIED),
        ("failed to authorize: server message: insufficient_scope: authorization failed", Kind.DENIED),
        (
            'failed to do request: Head "https://a/v2/b/manifests/1": lookup a on 10.0.0.1:53: no such host',
            Kind.NOWHERE,
        ),
        ('failed to do request: Head "https://a/v2/b/manifests/1": connect: connection refused', Kind.DOWN),
        ("unexpected status from HEAD request to https://a/v2/b/manifests/1: 503 Service Unavailable", Kind.DOWN),
        ("", Kind.DOWN),
    ],
    ids=str,
)
def test_it_is_known_why_a_registry_has_no_digest(said: str, kind: Kind) -> None:
    assert _unfound(f"ERROR: {said}\n").kind is kind


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


@contextlib.contextmanager
def answering(words: bytes) -> Iterator[str]:
    """What says these words when it has heard the beginning of HTTP/2; its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):
                caller, _ = server.accept()
                with caller:
                    assert caller.recv(len(PREFACE)) == PREFACE
                    caller.sendall(words)
                    caller.recv(100)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
    thread.join(20)


def test_what_stands_before_a_daemon_may_wait_for_the_first_word() -> None:
    with answering(SETTINGS) as address:
        daemon({"buildkit_address": address}).reach()


def test_what_is_no_daemon_is_told_so() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n") as address, pytest.raises(Unavailable, match="speaks no gRPC"):
        daemon({"buildkit_address": address}).reach()
