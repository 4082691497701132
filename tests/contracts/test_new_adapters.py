"""A new adapter is one file: it is a choice and under contract the moment that it lies in its folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
RUNNER = """
from runners import memory


def create(settings):
    return memory.create(settings)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The project as it is, with one runner more."""
    for folder in ("bot", "builders", "runners", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "runners" / "podman.py").write_text(RUNNER)
    return tmp_path


def python(tree: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", **more}
    return subprocess.run([sys.executable, *words], cwd=tree, env=environment, capture_output=True, text=True)


def test_a_runner_that_is_one_new_file_is_a_choice(tree):
    shown = python(tree, "-c", "from bot import plugins; print(plugins.choices('runners'), plugins.__file__)").stdout
    assert "'podman'" in shown
    assert str(tree) in shown


def test_a_runner_that_is_one_new_file_can_be_chosen(tree):
    (tree / "shop").mkdir()
    (tree / "shop" / "matinee.yaml").write_text(
        "version: 1\nservices: {web: {image: busybox, port: 80, public: true}}\n"
    )
    chosen = {"MATINEE_RUNNER": "podman", "MATINEE_BUILDER": "memory", "MATINEE_STATE": str(tree / "state")}
    done = python(tree, "-m", "bot.cli", "up", "shop", **chosen)
    assert done.returncode == 0, done.stderr


def test_a_runner_that_is_one_new_file_is_under_contract(tree):
    words = ("--collect-only", "-q", "-o", "addopts=--import-mode=importlib", "tests/contracts/test_runners.py")
    listed = python(tree, "-m", "pytest", *words).stdout
    contracts = {name: {line for line in listed.splitlines() if f"[{name}" in line} for name in ("memory", "podman")}
    assert len(contracts["podman"]) == len(contracts["memory"]) > 50
