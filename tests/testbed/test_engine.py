import os
import subprocess
import sys
from pathlib import Path

import docker
import pytest


@pytest.mark.engine
def test_the_engine_runs_the_image_that_all_else_is_built_on() -> None:
    assert docker.from_env().containers.run("busybox", ["echo", "up"], remove=True).strip() == b"up"


def test_a_missing_engine_fails_the_run_in_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", __file__, "-m", "engine"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DOCKER_HOST": "unix:///nowhere"},
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "no container engine answers" in done.stdout + done.stderr
    assert "`make engine` sets it up" in done.stdout + done.stderr
