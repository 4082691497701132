"""The bot's image: small, nobody's root, and nothing in it that a bot does not need."""

import subprocess

import docker
import pytest

from tests.world.chart import image

pytestmark = [pytest.mark.engine, pytest.mark.slow]

LOCAL, BASE = "127.0.0.1:5000/matinee:testbed", "debian:bookworm-slim"
MOST = 250_000_000


@pytest.fixture(scope="module", autouse=True)
def built():
    return image()


def inside(*command: str) -> str:
    """What a program says in a container whose files cannot be written."""
    shell = ["docker", "run", "--rm", "--read-only", "--tmpfs", "/tmp", "--network", "none", "--cap-drop", "ALL"]
    done = subprocess.run(
        [*shell, "--entrypoint", command[0], LOCAL, *command[1:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_adds_less_than_250_mb_to_its_base():
    images = docker.from_env().images
    assert images.get(LOCAL).attrs["Size"] - images.get(BASE).attrs["Size"] < MOST


def test_it_runs_as_nobody_in_particular_with_files_that_cannot_be_written():
    assert inside("id", "-u").strip() == "10001"
    assert inside("matinee", "--version").startswith("matinee ")
    assert "git version" in inside("git", "--version")
    assert "buildx" in inside("docker-buildx", "version")


def test_every_command_finds_what_it_imports():
    look = "import bot.app, bot.web.server, bot.doctor, bot.sweeper.rounds, psycopg, docker, github, gitlab, git"
    adapters = "[load(kind, name) for kind in ('forges', 'builders', 'runners') for name in choices(kind)]"
    inside("python3", "-c", f"{look}; from bot.plugins import choices, load; {adapters}")
    inside("python3", "-c", "from kubernetes import client, config; from kubernetes.dynamic import DynamicClient")


def test_nothing_is_in_it_that_builds_or_tests_or_keeps_a_secret():
    found = inside("sh", "-c", "for each in pip cc gcc perl5 go node; do command -v $each || true; done")
    assert found == ""
    assert (
        inside("sh", "-c", "ls -d /src /opt/matinee/lib/python3*/site-packages/tests /run/secrets 2>/dev/null || true")
        == ""
    )
    config = docker.from_env().images.get(LOCAL).attrs["Config"]
    assert {each.partition("=")[0] for each in config["Env"]} == {
        "PATH",
        "MATINEE_STATE",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
    }
    assert (config["User"], config["Entrypoint"], config["Cmd"]) == ("10001:10001", ["matinee"], ["serve"])
