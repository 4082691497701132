from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.core.errors import Misused
from bot.forks import for_forks, forks
from bot.settings import accounts, settings
from runners.base import ForkTerms

OURS = {
    "MATINEE_BUILDER": "buildkit",
    "MATINEE_RUNNER": "memory",
    "MATINEE_BUILDKIT_ADDRESS": "tcp://ours:1234",
    "MATINEE_BUILDKIT_TLS_CA": "/ca",
    "MATINEE_BUILDKIT_TLS_CERT": "/cert",
    "MATINEE_BUILDKIT_TLS_KEY": "/key",
    "MATINEE_BUILDKIT_MEMORY": "4Gi",
    "MATINEE_REGISTRY": "registry.example/previews",
    "MATINEE_REGISTRY_CREDENTIALS_FILE": "/config.json",
    "MATINEE_REGISTRY_PULL_CREDENTIALS_FILE": "/pull.json",
    "MATINEE_REGISTRY_MIRROR": "mirror.example",
}
THEIRS = {
    "MATINEE_FORK_BUILDER": "buildkit",
    "MATINEE_FORK_BUILDKIT_ADDRESS": "tcp://theirs:1234",
    "MATINEE_FORK_REGISTRY": "registry.example/forks",
}


def read(tmp_path: Path, **given: str) -> dict[str, str]:
    return dict(settings({"MATINEE_STATE": str(tmp_path), **given}))


def test_without_a_builder_of_their_own_no_fork_runs_and_the_setting_is_named(tmp_path):
    found = forks(read(tmp_path, MATINEE_RUNNER="memory"))
    assert found.builder is None
    assert "MATINEE_FORK_BUILDER" in found.against


def test_a_runner_that_does_not_say_how_it_takes_forks_takes_none():
    terms = ForkTerms.of(SimpleNamespace(), {})
    assert "MATINEE_RUNNER" in terms.against
    assert not terms.out


def test_the_forks_builder_has_nothing_of_the_others_place_and_credentials(tmp_path):
    theirs = for_forks(read(tmp_path, **OURS, **THEIRS))
    assert theirs["buildkit_address"] == "tcp://theirs:1234"
    assert theirs["registry"] == "registry.example/forks"
    assert not {name for name in theirs if name.startswith(("buildkit_tls", "registry_cred", "registry_pull"))}, (
        "what the other builder is let in with"
    )
    assert (theirs["buildkit_memory"], theirs["registry_mirror"]) == ("4Gi", "mirror.example")
    assert (theirs["builder"], theirs["trust"]) == ("buildkit", "forks")


def test_each_of_the_builders_settings_may_be_another_for_forks(tmp_path):
    more = {"MATINEE_FORK_BUILDKIT_MEMORY": "1Gi", "MATINEE_FORK_REGISTRY_MIRROR": "other.example"}
    theirs = for_forks(read(tmp_path, **OURS, **THEIRS, **more))
    assert (theirs["buildkit_memory"], theirs["registry_mirror"]) == ("1Gi", "other.example")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"MATINEE_FORK_BUILDKIT_ADDRESS": "tcp://ours:1234"}, "MATINEE_FORK_BUILDKIT_ADDRESS"),
        ({"MATINEE_FORK_REGISTRY": "registry.example/previews/"}, "MATINEE_FORK_REGISTRY"),
    ],
)
def test_a_place_that_both_would_share_is_refused_at_the_start(tmp_path, changed, named):
    with pytest.raises(Misused, match=named):
        forks(read(tmp_path, **OURS, **{**THEIRS, **changed}))


def test_two_builders_at_the_usual_socket_are_one(tmp_path):
    usual = {name: value for name, value in OURS.items() if "BUILDKIT" not in name}
    theirs = {name: value for name, value in THEIRS.items() if "ADDRESS" not in name}
    with pytest.raises(Misused, match="MATINEE_FORK_BUILDKIT_ADDRESS"):
        forks(read(tmp_path, **usual, **theirs))


def test_a_builder_that_the_runner_cannot_run_from_is_refused_by_its_own_name(tmp_path):
    with pytest.raises(Misused, match=r"MATINEE_FORK_BUILDER=docker: a cluster does not see.*MATINEE_FORK_REGISTRY"):
        forks(read(tmp_path, MATINEE_RUNNER="kubernetes", MATINEE_BUILDER="buildkit", MATINEE_FORK_BUILDER="docker"))


def test_the_docker_runner_takes_no_forks_unless_the_operator_says_so(tmp_path):
    docker = {"MATINEE_FORK_BUILDER": "docker"}
    found = forks(read(tmp_path, **docker))
    assert found.builder is None
    assert "MATINEE_DOCKER_FORKS=allow" in found.against
    allowed = forks(read(tmp_path, **docker, MATINEE_DOCKER_FORKS="allow"))
    assert allowed.builder is not None
    assert allowed.out
    with pytest.raises(Misused, match="MATINEE_DOCKER_FORKS: 'yes' is not allow"):
        forks(read(tmp_path, **docker, MATINEE_DOCKER_FORKS="yes"))


def test_in_a_cluster_forks_may_call_out_only_where_the_operator_names_networks(tmp_path):
    cluster = {**OURS, **THEIRS, "MATINEE_RUNNER": "kubernetes"}
    assert not forks(read(tmp_path, **cluster)).out
    assert forks(read(tmp_path, **cluster, MATINEE_FORK_EGRESS="10.0.0.0/8")).out


def test_trusted_accounts_are_named_by_number(tmp_path):
    good = read(tmp_path, MATINEE_TRUSTED_ACTORS="github:49699333, gitlab:7")
    assert accounts(good, "trusted_actors") == {"github:49699333", "gitlab:7"}
    for bad in ("dependabot[bot]", "github:dependabot", "49699333", "github:", "github:0"):
        with pytest.raises(Misused, match="by its number"):
            accounts(read(tmp_path, MATINEE_TRUSTED_ACTORS=bad), "trusted_actors")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"MATINEE_FORK_REGISTRY": ""}, "MATINEE_FORK_REGISTRY: not set"),
        ({"MATINEE_FORK_BUILDKIT_ADDRESS": "nowhere"}, "MATINEE_FORK_BUILDKIT_ADDRESS: 'nowhere' is no address"),
        ({"MATINEE_FORK_BUILDKIT_TLS_CA": "/ca"}, "MATINEE_FORK_BUILDKIT_TLS_CERT, MATINEE_FORK_BUILDKIT_TLS_KEY"),
    ],
)
def test_what_is_wrong_with_the_forks_builder_is_told_by_its_own_settings(tmp_path, given, said):
    with pytest.raises(Misused) as refused:
        forks(read(tmp_path, **OURS, **{**THEIRS, **given}))
    assert str(refused.value).startswith(said)
