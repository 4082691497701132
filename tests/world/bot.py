"""The real bot as a process of its own: started, asked, killed."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, Self, TypeVar

from bot.core.names import EnvironmentId
from bot.core.report import Report
from bot.core.telling.document import document
from bot.inbox import Inbox
from tests.world.process import Process

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds after which what was waited for is missing."""


class Bot:
    """`matinee serve` with a state folder; use it in a `with`."""

    def __init__(self, state: Path, settings: Mapping[str, str]) -> None:
        self.state = state
        self.port, admin = free_port(), free_port()
        given = {"state": str(state), "listen": f"127.0.0.1:{self.port}", "admin_listen": f"127.0.0.1:{admin}"}
        named = {f"MATINEE_{name.upper()}": value for name, value in {**given, "lease": "4", **settings}.items()}
        self.environment = {**_clean(), **named}
        self.log = state.parent / f"{state.name}.log"
        self._process: Process | None = None
        self._inbox: Inbox | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.end(signal.SIGTERM)

    @property
    def hooks(self) -> str:
        """Where forges send their deliveries, each below its name."""
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def hook(self) -> str:
        """Where GitHub sends its deliveries."""
        return f"{self.hooks}/github"

    def start(self) -> Self:
        """Start it and wait until it takes deliveries."""
        self._process = Process("bot.cli", "serve", environment=self.environment, stdout=self.log)
        wait(self._ready, "the bot to be ready", otherwise=self.told)
        return self

    def end(self, number: int = signal.SIGKILL) -> None:
        """End it with that signal and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(30)
            self._process = None

    def memory(self) -> int:
        """How many bytes of RAM it has now."""
        if self._process is None:
            raise AssertionError("the bot does not run")
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) * 1024

    def told(self) -> str:
        """What it has written into its log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def kept(self) -> list[str]:
        """What is in the folders of its environments."""
        return [each.name for each in (self.state / "environments").glob("*")]

    def run(self, *words: str, code: int | None = 0) -> str:
        """A `matinee` command with the same settings; its standard output."""
        done = command(*words, environment=self.environment)
        if code is not None and done.returncode != code:
            raise AssertionError(f"matinee {' '.join(words)} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
        return done.stdout

    def of(self, environment: str) -> dict[str, Any]:
        """One environment's document, as `matinee list --json` has it; empty where there is none yet."""
        report = self.report(environment)
        return dict(document(report)) if report else {}

    def report(self, environment: str) -> Report | None:
        """The newest report of an environment, if there is one yet."""
        self._inbox = self._inbox or Inbox.open(f"sqlite:///{self.state}/matinee.db")
        status = self._inbox.lane(EnvironmentId(environment))
        return status.report if status else None

    def settled(self, environment: str, sha: str | None, *states: str) -> dict[str, Any]:
        """Wait until that commit's environment is in one of these states; its document."""

        def there() -> dict[str, Any] | None:
            found = self.of(environment)
            return found if found.get("state") in states and sha in (None, found.get("sha")) else None

        return wait(there, f"{environment} to be {' or '.join(states)}", otherwise=self.told)

    def _ready(self) -> bool:
        if self._process is not None and self._process.returncode is not None:
            raise AssertionError(f"the bot ended with {self._process.returncode}:\n{self.told()}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def command(*words: str, environment: Mapping[str, str], cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run `matinee` with these words."""
    with TemporaryDirectory() as folder:
        stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
        process = Process("bot.cli", *words, environment=environment, cwd=cwd, stdout=stdout, stderr=stderr)
        try:
            code = process.wait(300)
        finally:
            process.send_signal(signal.SIGKILL)
        return subprocess.CompletedProcess(["matinee", *words], code, stdout.read_text(), stderr.read_text())


def wait(
    condition: Callable[[], T | None], what: str, *, otherwise: Callable[[], str] = str, patience: float = PATIENCE
) -> T:
    """The condition's value as soon as it is true; AssertionError with `otherwise` when it never becomes so."""
    end = time.monotonic() + patience
    pause = Event()
    while time.monotonic() < end:
        if value := condition():
            return value
        pause.wait(0.05)
    raise AssertionError(f"waited {patience:.0f} s for {what} in vain\n{otherwise()[-6000:]}")


def free_port() -> int:
    """A port of the loopback that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
