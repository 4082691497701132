"""The buildx program: where it is, how it is called, and what it must not see."""

import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from bot.core.errors import Unavailable
from bot.core.wire import Cancel, Log
from builders._buildx_progress import Broken, Line, Said, read
from builders._child import Stopped, bound, guarded
from builders._order import Order

TO_THE_ENGINE = ("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION")
"""What says where the Docker engine is."""

TO_THE_NETWORK = (
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
"""What says how a registry is reached, and whose certificates are believed."""

_PLUGINS = (
    Path("~/.docker/cli-plugins"),
    Path("/usr/local/libexec/docker/cli-plugins"),
    Path("/usr/local/lib/docker/cli-plugins"),
    Path("/usr/libexec/docker/cli-plugins"),
    Path("/usr/lib/docker/cli-plugins"),
    Path("/opt/homebrew/lib/docker/cli-plugins"),
    Path("/Applications/Docker.app/Contents/Resources/cli-plugins"),
)
_SAID = 200
_EXPORT = "exporting to "
_NOT_THEIRS = re.compile(rf"{_EXPORT}|\[internal\] waiting for connection")
_LOST = r"code = Unavailable|error reading from server|no space left on device"
_UNREACHED = re.compile(
    rf"Cannot connect to the Docker daemon|error during connect|connection re(?:fused|set)|unknown flag|\bEOF$|{_LOST}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Buildx:
    """The program in a room: the folder that is its home and has all of its configuration."""

    program: Path
    room: Path
    passed_on: tuple[str, ...]
    """What it may see of the bot's environment, beside the PATH."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Nothing of the bot's credentials or configuration."""
        passed_on = {name: os.environ[name] for name in ("PATH", *self.passed_on) if name in os.environ}
        ours = {name: str(self.room) for name in ("HOME", "DOCKER_CONFIG", "BUILDX_CONFIG")}
        # An attestation of how it was built would give equal builds different ids.
        return {**passed_on, **ours, "BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "BUILDX_METADATA_PROVENANCE": "disabled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What buildx told of a question: an exit code, and what it printed."""

    code: int
    out: str
    err: str
    stopped: Stopped | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How buildx ended: the step that broke, if one did, and what was said outside the progress."""

    code: int
    broken: Broken | None
    said: tuple[str, ...]
    stopped: Stopped | None


def program(named: str | None = None) -> Path:
    """Where buildx is: as named, on the PATH, or where Docker keeps its plugins."""
    on_path = shutil.which(named or "docker-buildx")
    plugins = [] if named else [folder.expanduser() / "docker-buildx" for folder in _PLUGINS]
    for path in [*([Path(on_path)] if on_path else []), *plugins]:
        if os.access(path, os.X_OK) and path.is_file():
            return path
    where = named or f"docker-buildx on the PATH, nor in {', '.join(str(path.parent) for path in plugins)}"
    raise Unavailable(f"buildx is not there: no {where}; install Docker's buildx plugin")


def run(buildx: Buildx, order: Order, *, log: Log, cancel: Cancel, seconds: float) -> Output:
    """Build."""
    child = subprocess.Popen(
        bound([str(buildx.program), *order.flags]),
        cwd=buildx.room,
        env={**buildx.environment, **order.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with child, guarded(child, cancel, seconds=seconds) as guard:
        broken, said = _follow(child.stderr or (), log)
        code = child.wait()
    return Output(code=code, broken=broken, said=said, stopped=guard.stopped)


def ask(buildx: Buildx, words: Sequence[str], *, cancel: Cancel, seconds: float) -> Answer:
    """Run one of its commands that only looks."""
    child = subprocess.Popen(
        bound([str(buildx.program), *words]),
        cwd=buildx.room,
        env=buildx.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with child, guarded(child, cancel, seconds=seconds) as guard:
        out, err = (stream.decode(errors="replace") for stream in child.communicate())
    return Answer(code=child.returncode, out=out, err=err, stopped=guard.stopped)


def unreached(output: Output) -> str:
    """What something outside, not the build, failed with; empty where it was the build."""
    if output.broken is None:
        return next((line.strip()[:300] for line in output.said if _UNREACHED.search(line.strip())), "")
    # A step's error quotes its command, so only one without an exit code tells of the engine.
    error = output.broken.error
    if "exit code:" in error:
        return ""
    return error[:300] if _NOT_THEIRS.match(output.broken.step) or re.search(_LOST, error) else ""


def unpushed(output: Output) -> str:
    """What kept a finished image from its registry; empty where it did not come that far."""
    broken = output.broken
    return broken.error[:300] if broken and broken.step.startswith(_EXPORT) else ""


def _follow(lines: Iterable[bytes], log: Log) -> tuple[Broken | None, tuple[str, ...]]:
    broken: Broken | None = None
    said: deque[str] = deque(maxlen=_SAID)
    for event in read(lines):
        match event:
            case Line(text):
                log(text)
            case Said(text):
                said.append(text)
            case Broken():
                broken = broken or event
            case _:
                assert_never(event)
    return broken, tuple(said)
