"""`matinee action` as the process that a runner starts."""

import json
import os
import signal
import subprocess
import sys

import pytest

from bot.cli.step.inputs import inputs
from bot.core.errors import Misused
from tests.world.github import GitHubWorld


def run(tmp_path, *words, **variables):
    known = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", "action", *words],
        cwd=tmp_path,
        env={**known, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_outside_of_a_ci_it_says_what_it_is_for(tmp_path):
    told = run(tmp_path)
    assert told.returncode == 2
    assert "this is a step of a forge's own CI" in told.stderr


def test_words_are_for_a_run_alone(tmp_path):
    assert run(tmp_path, "deploy", "seed").returncode == 2
    assert "takes no more words" in run(tmp_path, "stop", "seed").stderr


@pytest.mark.slow
def test_secrets_are_masked_before_anything_else_is_printed_and_no_file_is_left(tmp_path):
    with GitHubWorld() as github:
        shop = github.repository("acme/shop", {"matinee.yaml": "version: 1\nservices: {web: {image: busybox}}\n"})
        with github.holding() as held:
            shop.open_pull()
        event, scratch = tmp_path / "event.json", tmp_path / "scratch"
        event.write_bytes(held[-1].body)
        scratch.mkdir()
        told = run(
            tmp_path,
            GITHUB_ACTIONS="true",
            GITHUB_EVENT_NAME="pull_request",
            GITHUB_EVENT_PATH=str(event),
            GITHUB_OUTPUT=str(tmp_path / "output"),
            TMPDIR=str(scratch),
            MATINEE_GITHUB_URL=github.settings["github_url"],
            MATINEE_GITHUB_TOKEN=github.token,
            MATINEE_RUNNER="memory",
            MATINEE_BUILDER="memory",
            MATINEE_REGISTRY="",
            MATINEE_ACTION_KUBECONFIG='users:\n- user: {token: "swordfish-of-the-sea"}\n',
            MATINEE_ACTION_SECRETS=json.dumps({"KEY": "treasure island"}),
        )
    assert told.returncode == 0, told.stderr
    lines = told.stderr.splitlines()
    stopped = next(number for number, line in enumerate(lines) if line.startswith("::stop-commands::"))
    masks = [line.removeprefix("::add-mask::") for line in lines[:stopped]]
    assert set(masks) == {github.token, "treasure island", "swordfish-of-the-sea"}
    assert told.stdout == ""
    assert list(scratch.iterdir()) == []


def test_contents_become_private_files(tmp_path):
    given = {
        "MATINEE_REGISTRY": "registry.example/previews",
        "MATINEE_ACTION_REGISTRY_USERNAME": "ci",
        "MATINEE_ACTION_REGISTRY_PASSWORD": "swordfish",
        "MATINEE_ACTION_KUBECONFIG": "apiVersion: v1",
    }
    told = inputs(given, tmp_path)
    kubeconfig, registry = tmp_path / "kubeconfig", tmp_path / "registry.json"
    assert told.settings == {
        "MATINEE_KUBECONFIG": str(kubeconfig),
        "MATINEE_REGISTRY_CREDENTIALS_FILE": str(registry),
    }
    assert [file.stat().st_mode & 0o777 for file in (kubeconfig, registry)] == [0o600, 0o600]
    assert json.loads(registry.read_text()) == {"auths": {"registry.example": {"auth": "Y2k6c3dvcmRmaXNo"}}}
    assert "swordfish" in told.hidden
    assert "swordfish" not in repr(told)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"ACTION_SECRETS": "{"}, "MATINEE_ACTION_SECRETS: it is no JSON object"),
        ({"ACTION_SECRETS": '{"KEY": 7}'}, "MATINEE_ACTION_SECRETS: the value of KEY is no text"),
        ({"ACTION_SECRETS": "KEY=x\nswordfish"}, "MATINEE_ACTION_SECRETS: line 2 is not of the form NAME=value"),
        ({"ACTION_SECRETS": '{"A-B": "x"}'}, "'A-B' cannot be the name of a variable"),
        ({"ACTION_COMMENT": "maybe"}, "MATINEE_ACTION_COMMENT: 'maybe' is neither true nor false"),
        ({"ACTION_TIMEOUT": "soon"}, "MATINEE_ACTION_TIMEOUT: 'soon' is no time"),
        ({"ACTION_REGISTRY_PASSWORD": "swordfish"}, "needs the registry and the username"),
    ],
)
def test_what_is_wrong_is_said_without_any_value(tmp_path, given, why):
    with pytest.raises(Misused) as error:
        inputs({f"MATINEE_{name}": value for name, value in given.items()}, tmp_path)
    assert why in str(error.value)
    assert "swordfish" not in str(error.value)


@pytest.mark.slow
def test_a_job_that_is_cancelled_leaves_no_file_and_says_so_on_the_pull(tmp_path):
    with GitHubWorld() as github:
        shop = github.repository("acme/shop", {"matinee.yaml": SLOW})
        with github.holding() as held:
            pull = shop.open_pull()
        (tmp_path / "event.json").write_bytes(held[-1].body)
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        environment = {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            "HOME": str(tmp_path),
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "TMPDIR": str(scratch),
            "MATINEE_GITHUB_URL": github.settings["github_url"],
            "MATINEE_GITHUB_TOKEN": github.token,
            "MATINEE_RUNNER": "memory",
            "MATINEE_BUILDER": "memory",
            "MATINEE_ACTION_KUBECONFIG": "apiVersion: v1",
        }
        command = [sys.executable, "-m", "bot.cli", "action"]
        job = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
        assert job.stderr is not None
        assert any("run wait on deploy" in line and "running" in line for line in job.stderr)
        assert list(scratch.rglob("kubeconfig")) != []
        job.send_signal(signal.SIGINT)
        job.terminate()
        job.communicate(timeout=30)
        assert "the job was cancelled before it was done" in pull.comment.body
        assert pull.status.state == "failure"
    assert job.returncode == 130
    assert list(scratch.iterdir()) == []


SLOW = """\
version: 1
jobs:
  wait:
    image: busybox
    on: {deploy: {entrypoint: [sh, -c], args: ["sleep 600"]}}
"""
