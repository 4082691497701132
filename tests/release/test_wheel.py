"""The wheel: the same bytes each time, nothing in it that a user does not need, and it works by itself."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PARTS = ("bot", "builders", "runners", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")


def wheel(tree: Path) -> Path:
    """What is built of a tree."""
    built = [BIN / "hatchling", "build", "--target", "wheel", "--directory", "made"]
    subprocess.run(
        built, cwd=tree, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"}
    )
    (made,) = (tree / "made").iterdir()
    return made


def copied(to: Path) -> Path:
    """The tree without what only its developers need, with times of its own."""
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile
        to.mkdir(exist_ok=True)
        copy(ROOT / part, to / part)
    return to


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel(copied(tmp_path_factory.mktemp("tree") / "one"))


@pytest.fixture(scope="module")
def home(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pipx has installed it."""
    home = tmp_path_factory.mktemp("pipx")
    pipx = [sys.executable, "-m", "pipx", "install", "--quiet", str(made)]
    folders = {"PIPX_HOME": str(home), "PIPX_BIN_DIR": str(home / "bin"), "PIPX_MAN_DIR": str(home / "man")}
    subprocess.run(pipx, check=True, capture_output=True, env={**os.environ, **folders, "PYTHONPATH": ""})
    return home


def run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of the installed program, away from this tree."""
    known = {"PATH": os.environ["PATH"], "HOME": str(home), "MATINEE_STATE": str(home / "state")}
    program = [str(home / "bin" / "matinee"), *arguments]
    return subprocess.run(program, cwd=home, env=known | environment, capture_output=True, text=True, check=False)


def test_the_same_tree_makes_the_same_bytes(made, tmp_path):
    again = wheel(copied(tmp_path / "two"))
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(made.read_bytes()).digest()


def test_it_has_the_three_packages_with_their_types_and_nothing_of_the_tests(made):
    names = zipfile.ZipFile(made).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"bot", "builders", "runners", "matinee"}
    assert [name for name in names if "test" in name.lower()] == []
    assert {"bot/py.typed", "builders/py.typed", "runners/py.typed"} <= set(names)


def test_installed_by_pipx_it_needs_nothing_else(home):
    assert run(home, "--version").stdout.startswith("matinee ")
    listed = run(home, "list", "--json")
    assert (json.loads(listed.stdout), listed.stderr) == ([], "")


def test_every_command_of_it_explains_itself(home):
    from bot.cli import COMMANDS

    for name in COMMANDS:
        told = run(home, name, "--help")
        assert (told.returncode, told.stderr) == (0, ""), (name, told.stderr)
        assert told.stdout.startswith("Usage: matinee")


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_it_prints_what_makes_a_shell_complete_it(home, shell):
    told = run(home, "completion", shell)
    assert told.returncode == 0
    assert f"_MATINEE_COMPLETE={shell}_complete" in told.stdout


def test_bash_completes_commands_and_options(home):
    script = run(home, "completion", "bash").stdout
    ask = '; COMPREPLY=(); _matinee_completion matinee; echo "${COMPREPLY[@]}"; '
    typed = f"COMP_WORDS=(matinee de) COMP_CWORD=1{ask}COMP_WORDS=(matinee delete --f) COMP_CWORD=2{ask}"
    path = f"{home / 'bin'}:{os.environ['PATH']}"
    shell = ["bash", "--norc", "-c", f"{script}\n{typed}"]
    told = subprocess.run(shell, env={"PATH": path, "HOME": str(home)}, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == ["deploy delete", "--force"]


def test_what_it_needs_can_be_listed_as_a_bill_of_materials(home, tmp_path):
    bill = tmp_path / "bill.json"
    listing = [BIN / "cyclonedx-py", "environment", "--output-reproducible", "--output-file", bill]
    subprocess.run([*listing, home / "venvs" / "matinee"], check=True, capture_output=True)
    parts = {part["name"]: part for part in json.loads(bill.read_text())["components"]}
    assert {"matinee", "Flask", "kubernetes", "PyGithub", "python-gitlab", "docker", "GitPython"} <= set(parts)
    assert all(part.get("version") for part in parts.values())
