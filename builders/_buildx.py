"""The buildx program: where it is, how it is called, and what it must not see."""

import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import assert_never

from bot.core.errors import Unavailable
from bot.core.model import Build
from bot.core.wire import Cancel, Log
from builders._buildx_progress import Broken, Line, Said, read
from builders._child import Stopped, bound, guarded

_PLUGINS = (
    Path("~/.docker/cli-plugins"),
    Path("/usr/local/libexec/docker/cli-plugins"),
    Path("/usr/local/lib/docker/cli-plugins"),
    Path("/usr/libexec/docker/cli-plugins"),
    Path("/usr/lib/docker/cli-plugins"),
    Path("/opt/homebrew/lib/docker/cli-plugins"),
    Path("/Applications/Docker.app/Contents/Resources/cli-plugins"),
)
_PASSED_ON = ("PATH", "DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION")
_SAID = 200
_SOON = 15.0
_GUARDED = "MATINEE_BUILD_"
_LOST = r"code = Unavailable|error reading from server|no space left on device"
_UNREACHED = re.compile(
    rf"Cannot connect to the Docker daemon|error during connect|connection re(?:fused|set)|unknown flag|\bEOF$|{_LOST}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One build as buildx is told it: folders on this machine, and the tag that it is to get."""

    tag: str
    context: Path
    dockerfile: Path
    scope: str
    """Whose caches a `RUN --mount=type=cache` may share."""
    build: Build
    contexts: Mapping[str, Path] = field(default_factory=dict)
    """Further contexts by name."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def secret_environment(self) -> Mapping[str, str]:
        """Secrets for the child's environment, where nobody else reads them, under names that mean nothing to it."""
        return {f"{_GUARDED}{name}": value for name, value in self.secrets.items()}

    @property
    def flags(self) -> tuple[str, ...]:
        """The command line; every value of a user is part of one word that begins with our flag."""
        build = self.build
        arguments = {**build.args, "BUILDKIT_CACHE_MOUNT_NS": self.scope}
        return (
            *("build", "--builder=default", "--progress=rawjson", "--load"),
            *(f"--tag={self.tag}", f"--file={self.dockerfile}", "--label=app.kubernetes.io/managed-by=matinee"),
            *(f"--build-arg={name}={value}" for name, value in sorted(arguments.items())),
            *(f"--build-context={name}={folder}" for name, folder in sorted(self.contexts.items())),
            *(f"--secret=id={name},env={_GUARDED}{name}" for name in sorted(self.secrets)),
            *((f"--target={build.target}",) if build.target is not None else ()),
            *((f"--platform={build.platform}",) if build.platform is not None else ()),
            *("--", str(self.context)),
        )


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


def run(buildx: Path, order: Order, *, room: Path, log: Log, cancel: Cancel, seconds: float) -> Output:
    """Run buildx with nothing of the bot's environment, credentials or configuration."""
    child = subprocess.Popen(
        bound([str(buildx), *order.flags]),
        cwd=room,
        env={**_environment(room), **order.secret_environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with child, guarded(child, cancel, seconds=seconds) as guard:
        broken, said = _follow(child.stderr or (), log)
        code = child.wait()
    return Output(code=code, broken=broken, said=said, stopped=guard.stopped)


def said(buildx: Path, *words: str) -> str:
    """What buildx prints at a question that takes it no time, in the surroundings that a build has."""
    with TemporaryDirectory() as room:
        command = [str(buildx), *words]
        try:
            asked = subprocess.run(command, env=_environment(Path(room)), capture_output=True, timeout=_SOON)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"{buildx} does not answer: {error}; install Docker's buildx plugin again") from error
    return (asked.stdout + asked.stderr).decode(errors="replace")


def unreached(output: Output) -> str:
    """What the engine, not the build, failed with; empty where it was the build."""
    if output.broken is None:
        return next((line.strip()[:300] for line in output.said if _UNREACHED.search(line.strip())), "")
    # A step's error quotes its command, so only one without an exit code tells of the engine.
    error = output.broken.error
    return "" if "exit code:" in error or not re.search(_LOST, error) else error[:300]


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


def _environment(room: Path) -> Mapping[str, str]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    ours = {name: str(room) for name in ("HOME", "DOCKER_CONFIG", "BUILDX_CONFIG")}
    # An attestation of how it was built would give equal builds different ids.
    return {**passed_on, **ours, "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
