"""Whether buildx is there, new enough, and answered by a BuildKit."""

import re
from collections.abc import Iterator

from bot.core.checkup import Check, Health, ok, tried, warning
from bot.core.errors import Unavailable
from builders._buildx import program, said

_NEEDED = ("--build-context", "--secret", "rawjson")
_STATUS = re.compile(r"^Status:\s+running", re.MULTILINE)
_ERROR = re.compile(r"^(?:Error|ERROR):\s*(.+)", re.MULTILINE)
_VERSION = re.compile(r"^Build[Kk]it(?: version)?:\s+(v?(\d+)\.(\d+)\S*)", re.MULTILINE)
_CONTEXTS = (0, 10)
"""The BuildKit from which on named contexts are known."""


def checks(named: str | None) -> Iterator[Check]:
    """The program, and where that is there, what it speaks to."""
    there = tried("buildx", lambda: _program(named))
    yield there
    if there.state is not Health.FAILED:
        yield tried("buildkit", lambda: _daemon(named))


def _program(named: str | None) -> Check:
    buildx = program(named)
    options = said(buildx, "build", "--help")
    if missing := [word for word in _NEEDED if word not in options]:
        raise Unavailable(f"{buildx} knows no {', '.join(missing)}; install buildx 0.13 or later")
    version = said(buildx, "version").split()
    return ok("buildx", f"{buildx}, {version[1] if len(version) > 1 else 'of an unknown version'}")


def _daemon(named: str | None) -> Check:
    shown = said(program(named), "inspect", "default")
    if not _STATUS.search(shown):
        error = _ERROR.search(shown)
        raise Unavailable(f"no BuildKit answers: {error[1][:300] if error else 'it does not run'}; look at the engine")
    version = _VERSION.search(shown)
    if version is not None and (int(version[2]), int(version[3])) < _CONTEXTS:
        why = f"BuildKit {version[1]} runs; it is too old for build.contexts, and builds without them well"
        return warning("buildkit", why, "use Docker 23 or later if a spec has build.contexts")
    return ok("buildkit", f"BuildKit {version[1]} runs" if version else "it runs")
