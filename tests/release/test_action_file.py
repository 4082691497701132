"""`action.yml`: nothing of an event gets into a script, what it hands on is known, and its page says all of it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.cli.step.inputs import OWN
from bot.core.telling.channel import Channel
from bot.settings import KNOWN, PREFIX
from tests.docs.snippets import ROOT, of
from tests.release.test_wheel import copied
from tests.release.test_workflows import ZIZMOR

FILE = ROOT / "action.yml"
ACTION = YAML(typ="safe").load(FILE)
STEPS = ACTION["runs"]["steps"]
PAGE = (ROOT / "docs" / "action.md").read_text()
SHOWN = [YAML(typ="safe").load(each.text) for each in of("yaml") if each.page.name == "action.md"]
INSTALL = ROOT / "deploy" / "action" / "install.sh"
FILES = ("KUBECONFIG", "REGISTRY_USERNAME", "REGISTRY_PASSWORD", "SECRETS")
HANDLED = {f"{OWN}{name}" for name in (*FILES, *map(str.upper, Channel), "TIMEOUT")}


def rows(heading: str) -> dict[str, str]:
    """First cell → the rest, of the table below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"(?m)^\| `([a-z-]+)` \| (.*) \|$", section))


def test_no_script_holds_an_expression():
    assert ACTION["runs"]["using"] == "composite"
    assert [step["run"] for step in STEPS if "${{" in step["run"]] == []
    assert {step["shell"] for step in STEPS} == {"bash"}


def test_it_uses_no_other_action():
    assert [step for step in STEPS if "uses" in step] == []


def test_every_input_goes_somewhere_and_what_it_becomes_is_known():
    given = [pair for step in STEPS for pair in step["env"].items()]
    used = {found for _, value in given for found in re.findall(r"inputs\.([a-z-]+)", value)}
    assert used == set(ACTION["inputs"])
    ours = {name for name, _ in given if name.startswith(PREFIX)}
    assert ours - HANDLED <= {f"{PREFIX}{name.upper()}" for name in KNOWN}
    assert {name for name in ours if name.startswith(OWN)} == HANDLED


def test_its_page_lists_every_input_with_its_default_and_every_output():
    inputs = rows("Inputs")
    assert set(inputs) == set(ACTION["inputs"])
    for name, given in ACTION["inputs"].items():
        default = given.get("default", "")
        said = inputs[name].partition(" | ")[0] if not inputs[name].startswith("|") else ""
        assert said == ("the job's own" if "${{" in default else f"`{default}`" if default else ""), name
    assert set(rows("Outputs")) == set(ACTION["outputs"])


def test_what_its_page_shows_are_inputs_and_outputs_that_there_are():
    workflow, cached = SHOWN
    steps = [*workflow["jobs"]["preview"]["steps"], *cached["steps"]]
    ours = [step for step in steps if step.get("uses", "").startswith("matinee/")]
    assert len(ours) == 2
    assert {name for step in ours for name in step.get("with", {})} <= set(ACTION["inputs"])
    assert set(re.findall(r"steps\.preview\.outputs\.([a-z]+)", PAGE)) <= set(ACTION["outputs"])
    others = [step["uses"] for step in steps if "uses" in step and step not in ours]
    assert [each for each in others if not re.search(r"@[0-9a-f]{40}$", each)] == []


def test_the_first_workflow_that_one_is_shown_may_what_the_action_s_page_says():
    (first,) = (YAML(typ="safe").load(each.text) for each in of("yaml") if each.page.name == "start.md")
    assert first["permissions"] == SHOWN[0]["permissions"]
    (step,) = first["jobs"]["preview"]["steps"]
    assert step == {"uses": SHOWN[1]["steps"][1]["uses"]}
    assert [name for name, each in ACTION["inputs"].items() if each.get("required")] == []


def test_a_linter_finds_nothing_in_it():
    told = subprocess.run([*ZIZMOR, FILE], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_a_linter_finds_nothing_in_its_script():
    subprocess.run([Path(sys.executable).parent / "shellcheck", INSTALL], check=True)


def install(folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Run the script in a folder with foreign files in it."""
    known = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "GITHUB_OUTPUT": str(folder / "output")}
    step = {"ACTION_PATH": str(ROOT), "PYTHON": sys.executable, "VERSION": "", "TOOLS": str(folder / "tools")}
    variables = {**known, **step, **given}
    return subprocess.run(
        ["bash", str(INSTALL)], cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.slow
def test_it_installs_its_own_ref_once_and_runs_nothing_of_the_workspace(tmp_path):
    for name in ("venv", "pip", "hashlib", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('foreign code was run')")
    tree = copied(tmp_path / "tree")
    project = tree / "pyproject.toml"
    project.write_text(re.sub(r"(?s)dependencies = \[.*?\n\]", "dependencies = []", project.read_text(), count=1))
    first = install(tmp_path, ACTION_PATH=str(tree))
    assert (first.returncode, first.stdout + first.stderr) == (0, "")
    second = install(tmp_path, ACTION_PATH=str(tree), PIP_INDEX_URL="http://127.0.0.1:1")
    assert second.returncode == 0, "the second time nothing is fetched"
    told = (tmp_path / "output").read_text().splitlines()
    assert told[0] == told[1]
    python = told[0].removeprefix("python=")
    where = [python, "-Ic", "import importlib.util as i; print(i.find_spec('bot').origin)"]
    found = subprocess.run(where, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert found.startswith(str(tmp_path / "tools"))


@pytest.mark.parametrize("version", ["1.0; rm -rf /", "--index-url=http://evil", "$(id)"])
def test_a_version_that_is_none_is_refused(tmp_path, version):
    told = install(tmp_path, VERSION=version)
    assert told.returncode == 1
    assert "that is no version" in told.stdout


def test_a_python_that_is_too_old_is_said_to_be(tmp_path):
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    told = install(tmp_path, PYTHON=str(old))
    assert told.returncode == 1
    assert "Python 3.11 or newer is needed" in told.stdout
