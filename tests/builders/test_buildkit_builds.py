import base64
import contextlib
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import docker
import pytest

from bot.core.errors import Misused, Unavailable
from bot.core.model import Build
from bot.core.names import EnvironmentId
from builders import buildkit
from builders.base import Built, Unbuilt
from builders.source import Sources
from tests.world.engine_images import content
from tests.world.farm import (
    PREFIX,
    REGISTRY,
    Farm,
    another_buildkit,
    locked_registry,
    manifest,
    remove_pushed,
    unpacked,
)
from tests.world.frail_engine import FrailEngine
from tests.world.history import History

pytestmark = pytest.mark.engine

PASSWORD = "open-sesame"
SLOW = "FROM busybox\nRUN echo begun && sleep 60\n"


class Site:
    """One repository, built with whatever settings a test gives."""

    def __init__(self, folder: Path, farm: Farm) -> None:
        self.folder = folder
        self.settings = {"state": str(folder / "state"), **farm.settings}
        self.repository = f"local-{uuid.uuid4().hex[:12]}"
        self.lines: list[str] = []
        self._history = History(folder / "origin.git")
        self._sources = Sources(folder / "mirrors", pauses=())

    def commit(self, files: Mapping[str, str]) -> None:
        self._history.commit(files)

    def build(self, *, secrets: Mapping[str, str] | None = None, log=None, build=None, **settings: str):
        sha, nobody = self._history.head, threading.Event()
        commit = self._sources.fetch(self._history.url, None, repository=self.repository, sha=sha, cancel=nobody)
        builder = buildkit.create({**self.settings, **settings})
        given, hear = secrets or {}, log or self.lines.append
        return builder.build(commit, build or Build(), secrets=given, log=hear, cancel=nobody)

    def pin(self, image: str, **settings: str):
        builder = buildkit.create({**self.settings, **settings}).of(EnvironmentId(f"{self.repository}-1"))
        return builder.pin(image, log=self.lines.append, cancel=threading.Event())


@pytest.fixture
def site(tmp_path: Path, farm: Farm) -> Iterator[Site]:
    site = Site(tmp_path, farm)
    yield site
    remove_pushed(site.repository)


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[str]:
    with locked_registry(tmp_path / "registry") as address:
        yield address


def credentials(folder: Path, address: str, password: str = PASSWORD) -> str:
    auth = base64.b64encode(f"bot:{password}".encode()).decode()
    file = folder / "config.json"
    file.write_text(json.dumps({"auths": {address: {"auth": auth}}, "credsStore": "desktop"}))
    return str(file)


def commands() -> bytes:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes())
    return b"\n".join(found)


def test_an_image_is_pushed_and_named_by_its_digest(site: Site) -> None:
    site.commit({"Dockerfile": "FROM busybox\nCOPY . /app\n", "page": "hello"})
    built = site.build()
    assert built.image.startswith(f"{PREFIX}/{site.repository}@sha256:")
    assert manifest(built.image).ok
    engine = docker.from_env()
    engine.images.pull(built.image)
    try:
        assert content(built.image, "/app/page")["page"][1] == b"hello"
    finally:
        engine.images.remove(built.image)
        engine.close()


def test_what_is_unchanged_is_neither_built_nor_pushed(site: Site) -> None:
    site.commit({"Dockerfile": "FROM busybox\nCOPY . /app\n"})
    first = site.build()
    site.lines.clear()
    # The registry alone is asked: there is no daemon to build on.
    second = site.build(buildkit_address="unix:///nowhere/buildkitd.sock")
    assert second == Built(image=first.image, fresh=False, tag=first.tag)
    assert site.lines == [f"built before: {first.tag}"]


def test_another_bot_with_a_state_of_its_own_finds_what_was_built(site: Site) -> None:
    site.commit({"Dockerfile": "FROM busybox\nCOPY . /app\n"})
    first = site.build()
    assert site.build(state=str(site.folder / "another")).image == first.image


def test_named_contexts_are_used(site: Site) -> None:
    text = f"FROM busybox\nENV OF={site.repository}\nCOPY --from=docs a /a\nRUN cat /a\n"
    site.commit({"Dockerfile": text, "docs/a": "of the docs"})
    assert isinstance(site.build(build=Build(contexts={"docs": "docs"})), Built)
    assert "of the docs" in site.lines


def test_a_front_end_that_a_dockerfile_asks_for_is_not_fetched(site: Site) -> None:
    site.commit({"Dockerfile": "#syntax = nowhere.invalid/front:1\nFROM busybox\nRUN true\n"})
    assert isinstance(site.build(), Built)


def test_nothing_is_left_on_disk(site: Site) -> None:
    site.commit({"Dockerfile": "FROM busybox\nCOPY nothing /\n"})
    assert isinstance(site.build(), Unbuilt)
    left = [path for folder in ("state", "mirrors/exports") for path in (site.folder / folder).rglob("*")]
    assert {path.name for path in left} == {"builds", "locks"}


@pytest.mark.slow
def test_a_daemon_that_is_new_takes_from_the_registry_what_another_built(site: Site) -> None:
    text = (
        f"FROM busybox AS deps\nRUN echo {site.repository}\nFROM busybox\nCOPY --from=deps /bin/sh /sh\nCOPY . /app\n"
    )
    site.commit({"Dockerfile": text, "page": "one"})
    site.build()
    site.lines.clear()
    site.commit({"page": "two"})
    with another_buildkit(site.folder / "new") as address:
        assert site.build(buildkit_address=address).fresh
    assert any(f"RUN echo {site.repository} (cached)" in line for line in site.lines), site.lines


def test_a_step_that_wants_more_memory_than_it_may_have_ends(site: Site) -> None:
    text = f"FROM busybox\nENV OF={site.repository}\nRUN echo begun && a=$(yes | head -c 200000000) && echo ended\n"
    site.commit({"Dockerfile": text})
    failed = site.build(buildkit_memory="32Mi", buildkit_cpus="1500m")
    assert isinstance(failed, Unbuilt)
    assert failed.line == 3
    assert "begun" in site.lines
    assert "ended" not in site.lines


def test_a_daemon_that_is_not_there_is_named_at_once(site: Site) -> None:
    site.commit({"Dockerfile": "FROM busybox\n"})
    with pytest.raises(Unavailable, match=r"BuildKit at unix:///nowhere/buildkitd.sock does not answer: No such file"):
        site.build(buildkit_address="unix:///nowhere/buildkitd.sock")
    with pytest.raises(Unavailable, match=r"BuildKit at tcp://127.0.0.1:9 does not answer: Connection refused"):
        site.build(buildkit_address="tcp://127.0.0.1:9")


def test_a_daemon_that_dies_during_a_build_is_no_failure_of_the_build(site: Site, farm: Farm) -> None:
    site.commit({"Dockerfile": SLOW})
    frail = FrailEngine(site.folder / "buildkitd.sock", farm.address.removeprefix("unix://"))

    def log(line: str) -> None:
        if line == "begun":
            frail.die()

    with pytest.raises(Unavailable, match=r"BuildKit at unix://.* does not answer"):
        site.build(log=log, buildkit_address=frail.url)


def test_a_registry_that_is_down_is_named(site: Site) -> None:
    site.commit({"Dockerfile": "FROM busybox\n"})
    with pytest.raises(Unavailable, match=r"the registry 127.0.0.1:9 does not answer: .*connection refused"):
        site.build(registry="127.0.0.1:9/previews")
    with pytest.raises(Unavailable, match=r"127.0.0.1:9/web:1 cannot be fetched: .*; is its registry up"):
        site.pin("127.0.0.1:9/web:1")


def test_a_registry_that_dies_during_a_build_is_named(site: Site) -> None:
    site.commit({"Dockerfile": f"FROM busybox\nENV OF={site.repository}\nRUN echo begun && sleep 2\n"})
    with contextlib.ExitStack() as alive:
        address = alive.enter_context(locked_registry(site.folder / "registry"))

        def log(line: str) -> None:
            if line == "begun":
                alive.close()

        access = {"registry": f"{address}/a", "registry_credentials_file": credentials(site.folder, address)}
        with pytest.raises(Unavailable, match=f"the registry {address} does not answer"):
            site.build(log=log, **access)


@pytest.mark.parametrize("password", ["wrong", None])
def test_a_registry_that_does_not_let_us_in_is_named(site: Site, locked: str, password: str | None) -> None:
    site.commit({"Dockerfile": "FROM busybox\n"})
    access = {"registry_credentials_file": credentials(site.folder, locked, password)} if password else {}
    with pytest.raises(Unavailable, match=f"{locked} does not let us in: .*401.*MATINEE_REGISTRY_CREDENTIALS_FILE"):
        site.build(registry=f"{locked}/previews", **access)


def test_credentials_push_and_are_in_no_command_no_log_and_no_image(site: Site, locked: str) -> None:
    look = "RUN --mount=type=secret,id=TOKEN wc -c /run/secrets/TOKEN; env; ls -a / /root"
    site.commit({"Dockerfile": f"FROM busybox\nENV OF={site.repository}\n{look}\nCOPY . /app\n"})
    seen: list[bytes] = []

    def log(line: str) -> None:
        site.lines.append(line)
        seen.append(commands())

    access = {"registry": f"{locked}/previews", "registry_credentials_file": credentials(site.folder, locked)}
    order = Build(secrets=("TOKEN",))
    built = site.build(log=log, build=order, secrets={"TOKEN": "s3cr3t-canary"}, **access)
    assert isinstance(built, Built), built
    assert any("13 /run/secrets/TOKEN" in line for line in site.lines)
    assert any(b"--output=type=image" in each for each in seen)
    assert "auths" in Path(access["registry_credentials_file"]).read_text()
    again = site.build(build=order, secrets={"TOKEN": "s3cr3t-canary"}, **access)
    assert not again.fresh
    kept = unpacked(built.image, ("bot", PASSWORD))
    assert b"app" in kept
    auth = base64.b64encode(f"bot:{PASSWORD}".encode())
    for secret in (PASSWORD.encode(), auth, b"s3cr3t-canary"):
        assert not any(secret in each for each in seen)
        assert secret.decode() not in f"{site.lines}"
        assert secret not in kept


def test_a_name_is_pinned_to_the_digest_that_its_registry_has(site: Site) -> None:
    site.commit({"Dockerfile": "FROM busybox\nCOPY . /app\n"})
    built = site.build()
    assert site.pin(built.tag) == Built(image=built.image, fresh=False)
    assert site.pin(built.image) == Built(image=built.image, fresh=False)
    busybox = manifest(f"{REGISTRY}/library/busybox:latest").headers["Docker-Content-Digest"]
    assert site.pin("busybox").image == f"busybox@{busybox}"


@pytest.mark.parametrize("image", ["--help", "a b", "-", ""])
def test_what_is_no_name_of_an_image_is_asked_of_nobody(site: Site, image: str) -> None:
    assert "is no name of an image" in site.pin(image).why


def test_a_daemon_behind_tls_builds(site: Site, farm: Farm) -> None:
    site.commit({"Dockerfile": "FROM busybox\nCOPY . /app\n"})
    assert site.build(**farm.tls).fresh


def test_tls_that_does_not_fit_is_told_at_once(site: Site, farm: Farm) -> None:
    site.commit({"Dockerfile": "FROM busybox\n"})
    with pytest.raises(Unavailable, match="speaks no gRPC; does it want TLS"):
        site.build(buildkit_address=farm.secure)
    foreign = {**farm.tls, "buildkit_tls_ca": "/etc/ssl/certs/ca-certificates.crt"}
    with pytest.raises(Unavailable, match=r"TLS fails: .*; check MATINEE_BUILDKIT_TLS_CA, _CERT and _KEY"):
        site.build(**foreign)
    with pytest.raises(Misused, match=r"MATINEE_BUILDKIT_TLS_KEY: /nowhere/key.pem cannot be read"):
        site.build(**{**farm.tls, "buildkit_tls_key": "/nowhere/key.pem"})
    with pytest.raises(Misused, match="key values mismatch; give PEM files"):
        site.build(**{**farm.tls, "buildkit_tls_key": str(farm.certificates / "ca-key.pem")})
