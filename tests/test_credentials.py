import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.errors import Misused
from bot.core.names import EnvironmentId, registry_of
from bot.keeping.credentials import Credentials, credentials
from runners._kubernetes.terms import terms

OWN, OTHER = {"auth": "Ym90OnNlc2FtZQ=="}, {"auth": "bWU6b3RoZXI="}


def written(folder: Path, **document: object) -> str:
    file = folder / "config.json"
    file.write_text(json.dumps(document))
    return str(file)


@pytest.mark.parametrize(
    ("registry", "name"),
    [
        ("registry.example/previews", "registry.example"),
        ("registry.example/previews", "https://registry.example/v2/"),
        ("registry.example:5000", "registry.example:5000"),
        ("team/previews", "https://index.docker.io/v1/"),
    ],
)
def test_of_what_may_push_the_nodes_get_the_entry_of_our_registry_alone(tmp_path, registry, name):
    file = written(tmp_path, auths={name: OWN, "elsewhere.example": OTHER}, credsStore="desktop")
    pulling = terms({"registry": registry, "registry_credentials_file": file}).pulling
    assert json.loads(pulling.config()) == {"auths": {name: OWN}}


def test_what_is_there_to_pull_with_is_given_whole_and_in_place_of_what_may_push(tmp_path):
    file = written(tmp_path, auths={"registry.example": OWN, "elsewhere.example": OTHER})
    settings = {"registry": "registry.example/a", "registry_credentials_file": "/nowhere"}
    pulling = terms({**settings, "registry_pull_credentials_file": file}).pulling
    assert pulling.hosts() == ("elsewhere.example", "registry.example")


def test_in_namespaces_of_forks_the_nodes_get_nothing_but_what_is_the_forks_own(tmp_path):
    ours, theirs = written(tmp_path, auths={"registry.example": OWN}), str(tmp_path / "forks.json")
    Path(theirs).write_text(json.dumps({"auths": {"forks.example": OTHER}}))
    settings = {"registry": "registry.example/a", "registry_pull_credentials_file": ours}
    assert terms(settings).for_forks().pulling is None
    pulling = terms({**settings, "fork_registry_pull_credentials_file": theirs}).for_forks().pulling
    assert pulling.hosts() == ("forks.example",)
    pushing = {"fork_registry": "forks.example/a", "fork_registry_credentials_file": theirs}
    assert terms({**settings, **pushing}).for_forks().pulling.hosts() == ("forks.example",)
    assert terms({**settings, **pushing}).pulling.hosts() == ("registry.example",)


def test_where_nothing_is_given_the_nodes_use_what_they_have():
    assert terms({"registry": "registry.example/previews"}).pulling is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "cannot be read: No such file"),
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "no credentials"),
        ('{"auths": {"registry.example": {}}, "credsStore": "desktop"}', "one of a credential helper cannot be used"),
        ('{"auths": {"elsewhere.example": {"auth": "aHVudGVyMg=="}}}', "has no credentials for registry.example"),
    ],
)
def test_a_file_that_is_of_no_use_is_told_with_its_setting_and_without_what_is_in_it(tmp_path, text, why):
    file = tmp_path / "config.json"
    if text is not None:
        file.write_text(text)
    given = credentials({"registry_credentials_file": str(file)}, "registry_credentials_file", host="registry.example")
    with pytest.raises(Misused, match=why) as refused:
        given.config()
    assert f"MATINEE_REGISTRY_CREDENTIALS_FILE: {file}" in str(refused.value)
    assert "aHVudGVyMg" not in str(refused.value)


def given(folder: Path, *names: str, **more: object) -> Credentials:
    """A file with entries of these names, each with its name as its password."""
    auths = {name: {"auth": base64.b64encode(f"bot:{name}".encode()).decode()} for name in names}
    file = written(folder, auths=auths, **more)
    return Credentials(setting="registry_pull_credentials_file", file=Path(file))


@pytest.mark.parametrize(
    ("image", "entry"),
    [
        ("r.example/group/app:1", "r.example/group"),
        ("r.example/group/app@sha256:00", "r.example/group"),
        ("r.example/group/deep/app", "https://r.example/group/deep/"),
        ("r.example/group", "r.example/group"),
        ("r.example/groups/app", "r.example"),
        ("r.example/other", "r.example"),
        ("r.example:5000/group/app:1", "r.example:5000"),
        ("r.example.evil/group/app", ""),
        ("ghcr.io/acme/app", "ghcr.io/acme"),
        ("ghcr.io/acme-evil/app", ""),
        ("ghcr.io/other/app", ""),
        ("postgres:16", "https://index.docker.io/v1/"),
        ("docker.io/library/postgres", "https://index.docker.io/v1/"),
        ("acme/app:1", "docker.io/acme"),
        ("docker.io/acme/app:1", "docker.io/acme"),
    ],
)
def test_an_image_is_fetched_with_the_entry_whose_path_is_nearest(tmp_path, image, entry):
    names = ("r.example", "r.example/group", "https://r.example/group/deep/", "r.example:5000", "ghcr.io/acme")
    file = given(tmp_path, *names, "https://index.docker.io/v1/", "docker.io/acme")
    login = file.login(image)
    assert login.get("password", "") == entry
    hub = registry_of(image) == "docker.io"
    told = file.fitting([image]).get("https://index.docker.io/v1/" if hub else registry_of(image), {})
    assert base64.b64decode(told.get("auth", "")).decode() == (f"bot:{entry}" if entry else "")


def test_a_program_that_knows_no_paths_is_given_one_entry_for_each_registry(tmp_path):
    file = given(tmp_path, "r.example", "r.example/a", "r.example/b", "other.example", "third.example/a")
    chosen = file.fitting(["r.example/b/x", "r.example/a/x"])
    passwords = {name: base64.b64decode(auth["auth"]).decode() for name, auth in chosen.items()}
    assert passwords == {"r.example": "bot:r.example/b", "other.example": "bot:other.example"}


def test_an_entry_that_is_for_some_repositories_pulls_is_for_no_others(tmp_path):
    file = given(tmp_path, "r.example", "r.example/a", pulls={"r.example/a": ["github:7", "gitlab:7"]})
    ours, theirs = file.of(EnvironmentId("github-7-12")), file.of(EnvironmentId("github-8-7"))
    assert ours.login("r.example/a/x")["password"] == "r.example/a"
    assert not theirs.login("r.example/a/x")
    assert not file.login("r.example/a/x")
    assert {*json.loads(ours.config())["auths"]} == {"r.example", "r.example/a"}
    assert {*json.loads(theirs.config())["auths"]} == {"r.example"}
    assert theirs.login("r.example/b")["password"] == "r.example"
    assert file.hosts() == replace(file, owner="github:8").hosts() == ("r.example",)


@pytest.mark.parametrize(
    ("pulls", "says"),
    [
        ([], 'is to be like {"registry.example/group"'),
        ({"r.example/b": ["github:7"]}, "'r.example/b' is no entry"),
        ({"r.example": "github:7"}, "'r.example' is to have a list of repositories"),
        ({"r.example": ["acme/shop"]}, "'r.example' is to have a list of repositories"),
        ({"r.example": [7]}, "'r.example' is to have a list of repositories"),
    ],
)
def test_a_slip_in_whose_pulls_an_entry_is_for_gives_it_to_nobody(tmp_path, pulls, says):
    with pytest.raises(Misused, match=says):
        given(tmp_path, "r.example", pulls=pulls).login("r.example/x")


@pytest.mark.parametrize("auth", ["\u00e9", 7, "aGVsbG8", {"a": "b"}])
def test_an_entry_that_is_none_of_docker_logins_is_told_without_what_is_in_it(tmp_path, auth):
    file = Credentials(setting="x", file=Path(written(tmp_path, auths={"r.example": {"auth": auth}})))
    with pytest.raises(Misused, match=r"the entry for r\.example is none of docker login's"):
        file.login("r.example/x")


def test_a_token_of_another_kind_is_passed_on(tmp_path):
    entry = {"auth": "Ym90Og==", "identitytoken": "refresh"}
    file = Credentials(setting="x", file=Path(written(tmp_path, auths={"r.example": entry})))
    assert file.login("r.example/x")["identitytoken"] == "refresh"
