"""The first command of the README."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def test_the_demo_plays_a_pull_to_its_end_and_leaves_nothing() -> None:
    command = [sys.executable, "-m", "tests.demo"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Preview is deleted" in done.stdout
    assert "left behind: nothing" in done.stdout
