"""Modules of ours run as processes of their own, each forked off one that has read what they need.

To read it takes a core a second, and the tests begin such processes more than a thousand times.
"""

import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path
from typing import TextIO

READ = (
    *("bot.cli.open", "bot.web.server", "bot.inbox", "bot.cli.step.step"),
    *("builders.docker", "runners.docker", "runners.kubernetes", "bot.forges.github", "bot.forges.gitlab"),
    *("alembic.command", "docker", "git", "github", "gitlab", "kubernetes.client"),
)

_forking = get_context("forkserver")
_forking.set_forkserver_preload(list(READ))


class Process:
    """`python -m MODULE WORDS…` with that environment and nothing else; both streams go to the ends of files."""

    def __init__(
        self,
        module: str,
        *words: str,
        environment: Mapping[str, str],
        stdout: Path,
        stderr: Path | None = None,
        cwd: Path | None = None,
    ) -> None:
        given = (module, words, dict(environment), stdout, stderr or stdout, cwd or Path.cwd())
        self._process = _forking.Process(target=_become, args=given, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """What it ended with, the signal's number below zero if by one; None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it is over."""
        if self._process.is_alive():
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> int:
        """Wait until it is over; what it ended with. TimeoutExpired otherwise."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.pid), seconds)
        return self._process.exitcode


def _become(
    module: str, words: tuple[str, ...], environment: dict[str, str], stdout: Path, stderr: Path, cwd: Path
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    sys.stdout, sys.stderr = _to_file(1, stdout), _to_file(2, stderr)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _to_file(stream: int, file: Path) -> TextIO:
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(opened, stream)
    os.close(opened)
    return open(stream, "w", closefd=False)
