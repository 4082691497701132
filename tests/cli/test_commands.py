"""The commands as a person runs them: exit codes, one sentence when something is wrong, JSON where asked for."""

import json
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.world.bot import Bot, command

pytestmark = pytest.mark.slow

SPEC = """\
version: 1
services:
  web: {image: busybox, port: 80, public: true}
jobs:
  seed:
    image: busybox
    on:
      deploy: {entrypoint: [sh, -c], args: ["echo hello from seed"]}
"""


@pytest.fixture
def environment(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    memory = {"MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory"}
    return {**clean, **memory, "MATINEE_STATE": str(tmp_path / "state"), "COLUMNS": "120"}


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "matinee.yaml").write_text(SPEC)
    return folder


def test_up_previews_a_folder_and_prints_the_document(environment, shop):
    done = command("up", str(shop), "--json", environment=environment)
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert document["state"] == "running"
    assert document["url"].startswith("http://")
    assert {"name", "kind", "state", "seconds", "why", "attempts"} <= document["steps"][0].keys()


def test_up_says_how_to_stop_it(environment, shop):
    done = command("up", str(shop), environment=environment)
    assert "matinee stop local-" in done.stderr + done.stdout


def test_a_job_that_fails_is_exit_code_1(environment, shop):
    (shop / "matinee.yaml").write_text(SPEC.replace("echo hello from seed", "exit 7"))
    done = command("up", str(shop), environment=environment)
    assert done.returncode == 1
    assert "7" in done.stderr


def test_logs_prints_what_a_job_printed(environment, shop):
    up = command("up", str(shop), "--json", environment=environment)
    done = command("logs", json.loads(up.stdout)["id"], "seed", environment=environment)
    assert done.stdout == "hello from seed\n"


def test_list_shows_it_for_people_and_for_scripts(environment, shop):
    command("up", str(shop), environment=environment)
    assert "running" in command("list", environment=environment).stdout
    (listed,) = json.loads(command("list", "--json", environment=environment).stdout)
    assert listed["forge"] == "local"


def test_a_wrong_spec_is_exit_code_3_with_the_place(environment, shop):
    (shop / "matinee.yaml").write_text("version: 1\nservises: {}\n")
    for words in (("check", str(shop)), ("plan", str(shop)), ("up", str(shop))):
        done = command(*words, environment=environment)
        assert done.returncode == 3
        assert "2:1" in done.stdout + done.stderr


def test_check_prints_problems_as_json(environment, shop):
    (shop / "matinee.yaml").write_text("version: 1\nservises: {}\n")
    document = json.loads(command("check", str(shop), "--json", environment=environment).stdout)
    assert document["problems"][0]["path"] == "servises"
    assert document["problems"][0]["line"] == 2


def test_check_of_a_good_spec_is_exit_code_0(environment, shop):
    assert command("check", str(shop), environment=environment).returncode == 0


def test_plan_shows_the_steps_in_order_and_does_nothing(environment, shop):
    done = command("plan", str(shop), "--json", environment=environment)
    names = [step["name"] for step in json.loads(done.stdout)["steps"]]
    assert names == ["pull web", "pull seed", "run seed on deploy", "start web"]
    assert json.loads(command("list", "--json", environment=environment).stdout) == []


def test_plan_says_for_each_node_what_would_happen_and_why(environment, shop):
    done = command("plan", str(shop), "--json", environment=environment)
    web = json.loads(done.stdout)["nodes"][1]
    image = {"task": "", "act": "unchanged", "why": "it is here already"}
    assert web == {
        "name": "web",
        "kind": "service",
        "act": "start",
        "why": "first time",
        "after": ["seed"],
        "images": [image],
        "notes": [],
    }
    lines = command("plan", str(shop), environment=environment).stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["seed", "job", "run", "after", "nothing", "first", "time"],
        ["image", "unchanged", "it", "is", "here", "already"],
        ["web", "service", "start", "after", "seed", "first", "time"],
        ["image", "unchanged", "it", "is", "here", "already"],
    ]


def test_plan_is_also_of_an_environment_and_of_its_end(environment, shop):
    up = command("up", str(shop), "--json", environment=environment)
    name = json.loads(up.stdout)["id"]
    deploy = json.loads(command("plan", name, "--json", environment=environment).stdout)
    assert [(node["name"], node["kind"]) for node in deploy["nodes"]] == [("seed", "job"), ("web", "service")]
    delete = json.loads(command("plan", name, "--want", "delete", "--json", environment=environment).stdout)
    assert (delete["want"], delete["nodes"][-1]["name"], delete["nodes"][-1]["act"]) == ("delete", name, "remove")
    assert "nothing to do" in command("plan", name, "--want", "stop", environment=environment).stdout


def test_a_plan_without_a_secret_that_the_operator_has_to_give_is_exit_code_4(environment, shop):
    (shop / "matinee.yaml").write_text(SPEC.replace("public: true", 'public: true, variables: {A: "${secrets.A}"}'))
    done = command("plan", str(shop), environment=environment)
    assert done.returncode == 4
    assert "the operator has not given A; `matinee secrets set local:" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("dploy", "x"), "Did you mean deploy?"),
        (("deploy", "github-1-1"), "no environment"),
        (("check", "/nonexistent"), "does not exist"),
        (("plan", "/nonexistent"), "does not exist"),
        (("plan", "github-1-1"), "no environment"),
        (("serve",), "MATINEE_GITHUB_WEBHOOK_SECRET"),
        (("pull", "open", "no-such-branch"), "matinee:"),
    ],
    ids=[
        "a wrong command",
        "an unknown environment",
        "a wrong path",
        "a wrong path to plan",
        "an unknown environment to plan",
        "no webhook secret",
        "a wrong branch",
    ],
)
def test_a_mistake_is_exit_code_2_and_one_sentence(environment, shop, words, says):
    done = command(*words, environment=environment, cwd=shop)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_dead_engine_is_exit_code_5_and_says_what_to_do(environment, shop):
    dead = {**environment, "MATINEE_RUNNER": "docker", "MATINEE_BUILDER": "docker", "DOCKER_HOST": "tcp://127.0.0.1:1"}
    done = command("up", str(shop), environment=dead)
    assert done.returncode == 5
    assert "DOCKER_HOST" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_blank_webhook_secret_is_none(environment):
    done = command(
        "serve", environment={**environment, "MATINEE_GITHUB_TOKEN": "t", "MATINEE_GITHUB_WEBHOOK_SECRET": " "}
    )
    assert done.returncode == 2
    assert "MATINEE_GITHUB_WEBHOOK_SECRET" in done.stderr


def test_a_misspelt_setting_is_said_before_the_bot_serves(environment):
    done = command("serve", environment={**environment, "MATINEE_GITHUB_WEBHOOK_SECERT_FILE": "secret"})
    assert done.returncode == 2
    assert "did you mean MATINEE_GITHUB_WEBHOOK_SECRET_FILE?" in done.stderr


def test_a_runner_that_there_is_not_is_answered_with_those_there_are(environment, shop):
    done = command("up", str(shop), environment={**environment, "MATINEE_RUNNER": "dokcer"})
    assert done.returncode == 2
    assert "did you mean docker?" in done.stderr


@pytest.mark.parametrize(
    ("runner", "builder", "what"),
    [("docker", "buildkit", "MATINEE_BUILDER=docker"), ("kubernetes", "docker", "MATINEE_BUILDER=buildkit")],
)
@pytest.mark.parametrize("words", [("serve",), ("up",), ("doctor",)], ids=" ".join)
def test_a_runner_that_cannot_have_what_the_builder_builds_is_refused(environment, shop, runner, builder, what, words):
    pair = {"MATINEE_RUNNER": runner, "MATINEE_BUILDER": builder, "MATINEE_REGISTRY": "registry.example/previews"}
    nobody = {"DOCKER_HOST": "tcp://127.0.0.1:1", "KUBECONFIG": "/nowhere"}
    done = command(*words, environment={**environment, **pair, **nobody}, cwd=shop)
    assert done.returncode == 2
    said = " ".join((done.stdout + done.stderr).split())
    assert f"MATINEE_RUNNER={runner} with MATINEE_BUILDER={builder}" in said
    assert what in said


def test_a_local_branch_lives_as_a_pull_from_open_to_close(environment, shop):
    branched(shop)
    opened = json.loads(command("pull", "open", "feature", "--json", environment=environment, cwd=shop).stdout)
    assert (opened["state"], opened["pull"]) == ("running", 1)
    closed = json.loads(command("pull", "close", "feature", "--json", environment=environment, cwd=shop).stdout)
    assert closed["state"] == "deleted"


@pytest.fixture
def opened(environment, shop):
    """A pull of a branch; the environment's settings, for an engine that there is and one that there is not."""
    branched(shop)
    dead = {**environment, "MATINEE_RUNNER": "docker", "MATINEE_BUILDER": "docker", "DOCKER_HOST": "tcp://127.0.0.1:1"}
    return environment, dead


def test_a_push_that_was_put_off_is_carried_out_when_it_is_asked_for_again(opened, shop):
    alive, dead = opened
    assert command("pull", "open", "feature", environment=dead, cwd=shop).returncode == 5
    done = command("pull", "push", "feature", "--json", environment=alive, cwd=shop)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "running"


def test_a_close_that_was_put_off_is_carried_out_when_it_is_asked_for_again(opened, shop):
    alive, dead = opened
    for words in (("open", "feature"), ("close", "feature")):
        assert command("pull", *words, environment=dead, cwd=shop).returncode == 5
    done = command("pull", "close", "feature", "--json", environment=alive, cwd=shop)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "deleted"


def test_a_branch_is_closed_though_its_folder_is_gone(opened, shop, tmp_path):
    alive, _ = opened
    assert command("pull", "open", "feature", environment=alive, cwd=shop).returncode == 0
    shutil.rmtree(shop)
    done = command("pull", "close", "feature", "--repository", str(shop), "--json", environment=alive, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "deleted"


def test_a_command_leaves_the_work_to_a_bot_that_serves(tmp_path, shop):
    settings = {"runner": "memory", "builder": "memory", "github_token": "t", "github_webhook_secret": "s"}
    with Bot(tmp_path / "state", settings) as bot:
        up = json.loads(bot.run("up", str(shop), "--json"))
        assert up["state"] == "running"
        assert json.loads(bot.run("stop", up["id"], "--json"))["state"] == "stopped"
        assert json.loads(bot.run("start", up["id"], "--json"))["state"] == "running"
        assert json.loads(bot.run("delete", up["id"], "--json"))["state"] == "deleted"


def branched(folder: Path) -> None:
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    git(folder, "branch", "feature")


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=ana", "-c", "user.email=ana@example.com"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_an_interrupt_ends_at_once_and_the_same_command_goes_on(environment, shop):
    (shop / "matinee.yaml").write_text(SPEC.replace("echo hello from seed", "sleep 60"))
    line = [sys.executable, "-m", "bot.cli", "up", str(shop)]
    # A shell's background jobs have the signal ignored, and so would all that they start.
    heeds = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(line, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=heeds) as started:
        assert any("run seed on deploy  running" in each for each in started.stderr)
        started.send_signal(signal.SIGINT)
        assert started.wait(10) == 130
    (shop / "matinee.yaml").write_text(SPEC)
    assert command("up", str(shop), environment=environment).returncode == 0


def test_logs_sends_nothing_that_drives_a_terminal(environment, shop):
    (shop / "matinee.yaml").write_text(SPEC.replace('"echo hello from seed"', r"""'printf "\033]0;evil\007hello\n"'"""))
    up = command("up", str(shop), "--json", environment=environment)
    done = command("logs", json.loads(up.stdout)["id"], "seed", environment=environment)
    assert done.stdout == "hello\n"


def test_what_cannot_be_done_by_hand_is_one_sentence_and_exit_code_4(environment, shop):
    up = json.loads(command("up", str(shop), "--json", environment=environment).stdout)
    done = command("run", up["id"], "sed", "deploy", environment=environment)
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1] == "matinee: nothing was deployed there yet; deploy it first"
