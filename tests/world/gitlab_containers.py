"""A machine whose jobs of GitLab CI run in containers of the real engine: what such a runner has to be given."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import docker

from tests.world.chart import image

_SOCKET = Path("/var/run/docker.sock")
_HELPER = "matinee-test-helper:latest"
_RSYNC = """\
FROM debian:bookworm-slim
RUN printf '%s\\n' '#!/bin/bash' 'while [[ $1 == -* ]]; do [ "$1" != --exclude ] || shift; shift; done' \\
  'exec cp -a --parents "$@"' >/usr/local/bin/rsync && chmod +x /usr/local/bin/rsync
"""
"""What the runner copies reports with; no image of its own can be pulled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Containers:
    """The image that jobs run in, as whom, and how the runner is called."""

    image: str
    user: str
    words: tuple[str, ...]
    settings: dict[str, str]


@contextmanager
def containers() -> Iterator[Containers]:
    """The bot's image on this engine, whose socket, network and a volume for what is kept are given to every job."""
    image()
    made = ["docker", "buildx", "build", "--quiet", "--load", "--tag", _HELPER, "-"]
    subprocess.run(made, input=_RSYNC, text=True, check=True, capture_output=True)
    kept = f"matinee-test-{uuid4().hex[:12]}"
    volumes = (f"{_SOCKET}:{_SOCKET}", f"{kept}:/var/lib/matinee")
    try:
        yield Containers(
            image="127.0.0.1:5000/matinee:testbed",
            user=f"10001:{_SOCKET.stat().st_gid}",
            words=(
                *("--umask=false", "--pull-policy=if-not-present", f"--helper-image={_HELPER}", "--network=host"),
                *(f"--volume={volume}" for volume in volumes),
            ),
            settings={"state": "/var/lib/matinee"},
        )
    finally:
        engine = docker.from_env()
        engine.volumes.get(kept).remove()
        engine.close()
