"""An adapter as the pages show it is one file: a choice, and under contract, the moment that it lies in its folder."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGES = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("extending.md", "extending-forge.md")]
PORTS = ("forges", "builders", "runners")
_FILE = re.compile(r"`(\S+\.py)`:\n\n```python\n(.*?)```\n", re.DOTALL)
_DIFF = re.compile(r"```diff\n(.*?)```\n", re.DOTALL)
ADAPTERS = ("bot/forges/folder.py", "tests/world/stages/folder.py", "builders/allowed.py", "runners/spread.py")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is, with what the pages add to it."""
    tree = tmp_path_factory.mktemp("project")
    for folder in ("bot", "builders", "runners", "tests"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    files = dict(file for page in PAGES for file in _FILE.findall(page))
    assert sorted(files) == sorted(ADAPTERS)
    for name, text in files.items():
        assert not (tree / name).exists(), f"{name} would take the place of something"
        (tree / name).write_text(text)
    for page in PAGES:
        for diff in _DIFF.findall(page):
            subprocess.run(["git", "apply"], cwd=tree, input=diff, text=True, check=True)
    return tree


def python(tree: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", **more}
    return subprocess.run([sys.executable, *words], cwd=tree, env=environment, capture_output=True, text=True)


def test_they_are_in_the_form_that_the_project_asks_for(tree):
    for words in (("check",), ("format", "--check")):
        told = python(tree, "-m", "ruff", *words, "--quiet", *ADAPTERS)
        assert told.returncode == 0, told.stdout + told.stderr


def test_a_runner_that_is_one_new_file_can_be_chosen(tree, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "matinee.yaml").write_text(
        "version: 1\nservices: {web: {image: busybox, port: 80, public: true}}\n"
    )
    parts = {"MATINEE_SPREAD_RUNNER": "memory", "MATINEE_SPREAD_OVER": "east,west"}
    chosen = {"MATINEE_RUNNER": "spread", "MATINEE_BUILDER": "allowed", "MATINEE_ALLOWED_BUILDER": "memory", **parts}
    done = python(tree, "-m", "bot.cli", "up", str(tmp_path / "shop"), MATINEE_STATE=str(tmp_path / "state"), **chosen)
    assert done.returncode == 0, done.stderr


def test_an_adapter_that_is_one_new_file_keeps_the_contract(tree):
    words = ("-v", "-o", "addopts=--import-mode=importlib", "-k", "[folder] or [allowed] or [spread]")
    told = python(tree, "-m", "pytest", *words, *(f"tests/contracts/test_{port}.py" for port in PORTS))
    assert told.returncode == 0, told.stdout[-3000:]
    passed = re.findall(r"\[(\w+)\] PASSED", told.stdout)
    assert all(passed.count(name) > 15 for name in ("folder", "allowed", "spread")), passed
