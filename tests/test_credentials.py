import json
from pathlib import Path

import pytest

from bot.core.errors import Misused
from bot.keeping.credentials import credentials
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
