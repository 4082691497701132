"""The machine of somebody who never heard of matinee: a clean Debian with Docker's client, at which one types."""

import io
import os
import subprocess
import tarfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import docker

HOME = "/home/kim"
_ROOT = Path(__file__).parents[2]
_SOCKET = "/var/run/docker.sock"


class Laptop:
    """It has this working copy as a clone, and nothing else of ours; use it in a `with`."""

    def __init__(self) -> None:
        self.folder = f"{HOME}/{uuid.uuid4().hex[:8]}"
        """A folder of its own: a preview of a folder is named after the path."""
        self.clone = f"{self.folder}/matinee"
        self.environment: dict[str, str] = {}
        """What is exported in every terminal."""
        self._engine = docker.from_env()

    def __enter__(self) -> Self:
        mounted, self.environment = _engine()
        self._container = self._engine.containers.run(
            _image(),
            detach=True,
            init=True,
            auto_remove=True,
            network_mode="host",
            volumes=mounted,
            group_add=_group(mounted),
        )
        self.put(self.clone, _clone())
        return self

    def __exit__(self, *exception: object) -> None:
        self._container.exec_run(["bash", "-lc", _LEAVE], user="kim", environment=self.environment)
        self._container.kill()
        self._engine.close()

    def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Write files, as the person at it would."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, content in files.items():
                entry = tarfile.TarInfo(f"{folder.removeprefix(HOME).strip('/')}/{name}")
                entry.size, entry.uid, entry.gid, entry.mode = len(content), 1000, 1000, 0o755
                tar.addfile(entry, io.BytesIO(content))
        self._container.put_archive(HOME, packed.getvalue())
        self._container.exec_run(["chown", "--recursive", "kim:kim", folder])

    def type(self, text: str, *, at: str = HOME) -> str:
        """Type it in a new terminal; what is printed. No line of it fails."""
        code, printed = self._container.exec_run(
            ["bash", "-lc", f"set -eo pipefail\n{text}"], user="kim", workdir=at, environment=self.environment
        )
        said = printed.decode(errors="replace")
        assert code == 0, f"this ended with {code}:\n{text}\n{said}"
        return str(said)

    def leave_open(self, text: str, *, at: str = HOME) -> None:
        """Type what does not end into a terminal of its own."""
        command = ["bash", "-lc", f"exec 2>{HOME}/terminal.log\n{text}"]
        self._container.exec_run(command, user="kim", workdir=at, environment=self.environment, detach=True)

    def left_open(self) -> str:
        """What was printed there."""
        return self.type(f"cat {HOME}/terminal.log")


_LEAVE = "matinee list --json | jq -r '.[].id' | xargs -rn 1 timeout 60 matinee delete --force"


def _engine() -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """The engine of these tests, which is the laptop's own: what is mounted for it, or how it is named."""
    host = os.environ.get("DOCKER_HOST", f"unix://{_SOCKET}")
    if host.startswith("unix://"):
        return {host.removeprefix("unix://"): {"bind": _SOCKET, "mode": "rw"}}, {}
    return {}, {"DOCKER_HOST": host}


def _group(mounted: Mapping[str, object]) -> list[str]:
    return [str(Path(socket).stat().st_gid) for socket in mounted]


def _image() -> str:
    made = subprocess.run([_ROOT / "tests/testbed/newcomer.sh"], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout.splitlines()[-1]


def _clone() -> dict[str, bytes]:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=_ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return {name: (_ROOT / name).read_bytes() for name in names if name and (_ROOT / name).is_file()}
