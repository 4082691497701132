"""Images of registries that ask for a token, as GitHub's and GitLab's do: for `image:`, and for a build's `FROM`."""

import base64
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

from bot import plugins
from bot.core.errors import Unavailable
from bot.core.model import Build
from bot.core.names import EnvironmentId
from builders.base import Builder, Built, Unbuilt
from builders.source import Sources
from tests.world.farm import Farm
from tests.world.history import History
from tests.world.registry import Registry, registry

pytestmark = pytest.mark.engine

US, THEM = ("bot", "sesame-of-acme"), ("them", "sesame-of-team")


@pytest.fixture
def shelf() -> Iterator[Registry]:
    with registry(bot=(US[1], "acme/"), them=(THEM[1], "team/")) as made:
        made.publish("1", "first")
        yield made


@pytest.fixture
def builder(tmp_path: Path, shelf: Registry, farm: Farm) -> Callable[..., Builder]:
    """A builder of this name whose file of pull credentials has these entries."""

    def make(
        name: str,
        auths: Mapping[str, tuple[str, str]] | None,
        pulls: Mapping[str, Sequence[str]] = MappingProxyType({}),
        **more: str,
    ) -> Builder:
        file = tmp_path / f"pull-{secrets.token_hex(4)}.json"
        entries = {place: {"auth": code(*login)} for place, login in (auths or {}).items()}
        file.write_text(json.dumps({"auths": entries, "pulls": dict(pulls)}))
        given = {"registry_pull_credentials_file": str(file)} if auths is not None else {}
        settings = {"state": str(tmp_path / "state"), **farm.settings, **given, **more}
        made: Builder = plugins.create("builders", name, settings)
        return made

    return make


@pytest.fixture
def built(tmp_path: Path) -> Callable[[Builder, str], Built | Unbuilt]:
    """What a Dockerfile becomes."""
    history = History(tmp_path / "origin.git")

    def build(builder: Builder, text: str) -> Built | Unbuilt:
        sources, nobody = Sources(tmp_path / "mirrors", pauses=()), threading.Event()
        sha = history.commit({"Dockerfile": text})
        commit = sources.fetch(history.url, None, repository="local-private", sha=sha, cancel=nobody)
        return builder.build(commit, Build(), log=print, cancel=nobody)

    return build


def code(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def pinned(builder: Builder, image: str) -> Built | Unbuilt:
    return builder.pin(image, log=print, cancel=threading.Event())


def why(found: Built | Unbuilt) -> str:
    assert isinstance(found, Unbuilt), found
    assert not any(secret in found.why for secret in (US[1], THEM[1], code(*US), code(*THEM)))
    return found.why


BOTH = pytest.mark.parametrize("name", ["docker", "buildkit"])


@BOTH
def test_an_image_is_pinned_with_the_entry_whose_path_is_nearest(builder, shelf, name):
    host = shelf.host
    made = builder(name, {f"{host}/acme": US, f"{host}/team": THEM, "elsewhere.example": THEM})
    for image in ("acme/thing", "team/deep/thing"):
        found = pinned(made, shelf.image("1", image))
        assert isinstance(found, Built), found
        assert "sha256:" in found.image
    refused = why(pinned(builder(name, {f"{host}/acme": THEM}), shelf.image("1", "acme/other")))
    assert "check its name, and that MATINEE_REGISTRY_PULL_CREDENTIALS_FILE may read it" in refused


@BOTH
def test_without_an_entry_for_it_a_private_image_is_refused(builder, shelf, name):
    for auths in ({f"{shelf.host}/team": THEM}, {"elsewhere.example": US}):
        told = why(pinned(builder(name, auths), shelf.image("1")))
        assert f"{shelf.image('1')} cannot be fetched: " in told


@BOTH
def test_an_entry_that_is_kept_for_some_repositories_is_for_no_others_pulls(builder, shelf, built, name):
    host = shelf.host
    made = builder(name, {f"{host}/acme": US, f"{host}/team": THEM}, {f"{host}/acme": ["github:7"]})
    ours, theirs = made.of(EnvironmentId("github-7-1")), made.of(EnvironmentId("github-8-1"))
    assert isinstance(pinned(ours, shelf.image("1")), Built)
    assert isinstance(pinned(theirs, shelf.image("1", "team/thing")), Built)
    assert "cannot be fetched" in why(pinned(theirs, shelf.image("1")))
    assert "401" in why(built(theirs, f"FROM {shelf.image('1', 'acme/other')}\n"))


@BOTH
def test_a_build_is_from_private_images_with_the_same_entries(builder, shelf, built, name):
    text = f"ARG BASE={shelf.image('1')}\nFROM ${{BASE}}\nENV OF={shelf.host}\n"
    made = built(builder(name, {f"{shelf.host}/acme": US, f"{shelf.host}/team": THEM}), text)
    assert isinstance(made, Built), made
    refused = built(builder(name, {f"{shelf.host}/team": THEM}), f"{text}ENV AGAIN=1\n")
    assert shelf.host in why(refused)
    assert "401" in why(refused)


@BOTH
def test_for_forks_the_setting_is_the_forks_own(builder, shelf, name):
    told = why(pinned(builder(name, {"elsewhere.example": US}, trust="forks"), shelf.image("1")))
    assert "MATINEE_FORK_REGISTRY_PULL_CREDENTIALS_FILE may read it" in told


def test_an_image_that_the_engine_has_for_others_is_given_to_nobody_whom_its_registry_refuses(builder, shelf):
    ours = pinned(builder("docker", {shelf.host: US}), shelf.image("1"))
    assert isinstance(ours, Built)
    by_digest = f"{shelf.image('1').removesuffix(':1')}@{shelf.digest('1')}"
    assert isinstance(pinned(builder("docker", {shelf.host: US}), by_digest), Built)
    for name in (shelf.image("1"), by_digest):
        for made in (builder("docker", {shelf.host: THEM}), builder("docker", None, trust="forks")):
            assert "cannot be fetched" in why(pinned(made, name))


def test_the_login_of_the_bots_own_user_is_nothing_for_forks(builder, shelf, tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text(json.dumps({"auths": {shelf.host: {"auth": code(*US)}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    told = why(pinned(builder("docker", None, trust="forks"), shelf.image("1")))
    assert "MATINEE_FORK_REGISTRY_PULL_CREDENTIALS_FILE may read it" in told
    assert isinstance(pinned(builder("docker", None), shelf.image("1")), Built)


def test_where_a_private_registry_is_away_what_is_here_will_do_but_not_for_forks(builder):
    with registry(bot=(US[1], "acme/")) as shelf:
        shelf.publish("1", "first")
        image = shelf.image("1")
        ours = builder("docker", {shelf.host: US})
        found = pinned(ours, image)
        shelf.away()
        assert pinned(ours, image) == Built(image=found.image, fresh=False)
        with pytest.raises(Unavailable, match="is its registry up"):
            pinned(builder("docker", {shelf.host: US}, trust="forks"), image)
