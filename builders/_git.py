"""Git as a child process: fixed flags, a bare environment, no hooks, no prompts, no protocol but the one named."""

import base64
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.errors import Misused, Unavailable
from bot.core.masking import Masker
from bot.core.wire import Cancel
from builders._child import Stopped, guarded

if TYPE_CHECKING:
    from git.cmd import Git

_PASSED_ON = frozenset({"PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "no_proxy"})
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}
_CONFIG = (
    "core.hooksPath=/dev/null",
    "core.symlinks=true",
    "core.protectNTFS=true",
    "core.protectHFS=true",
    # Loose objects reach the disk before the reference that says they are whole.
    "core.fsync=committed,loose-object,reference",
    "core.fsyncMethod=batch",
    "credential.helper=",
    "fetch.fsckObjects=true",
    "gc.auto=0",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    "protocol.allow=never",
    "protocol.version=2",
    # What is kept may have another owner: a job in a container runs now as this user, now as that.
    "safe.directory=*",
    "submodule.recurse=false",
)
_MISSING_PROGRAM = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a git command ended."""

    code: int
    out: bytes
    err: str
    stopped: Stopped | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """Where to fetch from: a URL of one of the three allowed schemes, without credentials in it."""

    url: str
    header: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(?:https?://[^\s@/]+/|file:///)[^\s?#]+", self.url):
            raise Misused(f"{self.url.rsplit('@')[-1]!r} is no address of a repository; use https:// or file:///")
        if self.header is not None and not re.fullmatch(r"[A-Za-z-]+: [^\r\n]*[^\s]", self.header):
            raise Misused("the header for git is no header; it is one line `Name: value`")

    @property
    def flags(self) -> tuple[str, ...]:
        """Allow this scheme alone, and name the variable that holds the header."""
        scheme = self.url.partition(":")[0]
        allowed = ("-c", f"protocol.{scheme}.allow=always")
        return allowed if self.header is None else (*allowed, f"--config-env=http.{self.url}.extraHeader=GIT_HEADER")

    @property
    def environment(self) -> Mapping[str, str]:
        """The header, where there is one: in the environment nobody else can read it."""
        return {} if self.header is None else {"GIT_HEADER": self.header}

    def hide(self, text: str) -> str:
        """The text without the header: a server may send back what it was sent."""
        return text if self.header is None else Masker(_secrets(self.header)).mask(text)


def _secrets(header: str) -> Iterator[str]:
    """What is secret in a header: what stands last in it and, where that is a name and a password, this."""
    code = header.rpartition(" ")[2]
    yield code
    with suppress(ValueError):
        yield base64.b64decode(code, validate=True).decode().partition(":")[2]


def git(
    folder: Path, *args: str, cancel: Cancel, seconds: float = 60, environment: Mapping[str, str] | None = None
) -> Ran:
    """Run one git command in the folder."""
    command = [*_env(), "git", *(part for pair in _CONFIG for part in ("-c", pair)), *args]
    process = _program(folder).execute(
        command,
        as_process=True,
        shell=False,
        env={**_ENVIRONMENT, "HOME": str(folder), **(environment or {})},
        start_new_session=True,
        umask=0o022,
    )
    child = process.proc
    if child is None:
        raise RuntimeError("git was started without a process")
    with guarded(child, cancel, seconds=seconds) as guard:
        out, err = child.communicate()
    if child.returncode == _MISSING_PROGRAM:
        raise Unavailable("git is not there: no program of that name on the PATH; install git 2.36 or later")
    return Ran(code=child.returncode, out=out, err=err.decode(errors="replace"), stopped=guard.stopped)


def reason(ran: Ran) -> str:
    """What git calls fatal, else its last line: at most 300 characters."""
    lines = [line.strip() for line in ran.err.splitlines() if line.strip()]
    fatal = [line.partition(":")[2].strip() for line in lines if line.startswith(("fatal:", "error:"))]
    return (fatal or lines[-1:] or ["git says nothing"])[0][:300]


def _env() -> list[str]:
    # GitPython hands the bot's whole environment on; names alone in the arguments take it away again.
    unwanted = sorted(name for name in os.environ if not _passed_on(name))
    return ["/usr/bin/env", *(part for name in unwanted for part in ("-u", name))]


def _passed_on(name: str) -> bool:
    return name in _PASSED_ON or name.lower() in _PASSED_ON or name in _ENVIRONMENT or name in ("HOME", "GIT_HEADER")


def _program(folder: Path) -> "Git":
    try:
        from git.cmd import Git  # costs a tenth of a second, and an error where git is missing
    except ImportError as error:
        raise Unavailable("git is not there: no program of that name on the PATH; install git 2.36 or later") from error
    return Git(folder)
