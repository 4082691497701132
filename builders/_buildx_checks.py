"""Whether buildx is there, new enough, and answered by a BuildKit."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from threading import Event

from bot.core.errors import Unavailable
from bot.core.telling.checkup import Check, Health, ok, tried, warning
from builders._buildx import Buildx, ask

_SOON = 15.0
_NEEDED = ("--build-context", "--secret", "rawjson")
_STATUS = re.compile(r"^Status:\s+running", re.MULTILINE)
_ERROR = re.compile(r"^(?:Error|ERROR):\s*(.+)", re.MULTILINE)
_VERSION = re.compile(r"^Build[Kk]it(?: version)?:\s+(v?(\d+)\.(\d+)\S*)", re.MULTILINE)
_UNSTAMPED = "v0.0.0"
"""What a BuildKit that was built without a release calls itself."""
_CONTEXTS = (0, 10)
"""The BuildKit from which on named contexts are known."""


def checks(furnished: Callable[[], AbstractContextManager[Buildx]], builder: str) -> Iterator[Check]:
    """The program, and where that is there, what it speaks to under the builder's name."""
    there = tried("buildx", lambda: _program(furnished))
    yield there
    if there.state is not Health.FAILED:
        yield tried("buildkit", lambda: _daemon(furnished, builder))


def _program(furnished: Callable[[], AbstractContextManager[Buildx]]) -> Check:
    with furnished() as buildx:
        options = _said(buildx, "build", "--help")
        version = _said(buildx, "version").split()
    if missing := [word for word in _NEEDED if word not in options]:
        raise Unavailable(f"{buildx.program} knows no {', '.join(missing)}; install buildx 0.13 or later")
    return ok("buildx", f"{buildx.program}, {version[1] if len(version) > 1 else 'of an unknown version'}")


def _daemon(furnished: Callable[[], AbstractContextManager[Buildx]], builder: str) -> Check:
    with furnished() as buildx:
        shown = _said(buildx, "inspect", builder)
    if not _STATUS.search(shown):
        error = _ERROR.search(shown)
        raise Unavailable(f"no BuildKit answers: {error[1][:300] if error else 'it does not run'}; look at the engine")
    version = _VERSION.search(shown)
    if version is None or version[1].startswith(_UNSTAMPED):
        return ok("buildkit", "it runs, in a version that it does not tell")
    if (int(version[2]), int(version[3])) < _CONTEXTS:
        why = f"BuildKit {version[1]} runs; it is too old for build.contexts, and builds without them well"
        return warning("buildkit", why, "use Docker 23 or later if a spec has build.contexts")
    return ok("buildkit", f"BuildKit {version[1]} runs")


def _said(buildx: Buildx, *words: str) -> str:
    """What buildx prints at a question that takes it no time."""
    answer = ask(buildx, words, cancel=Event(), seconds=_SOON)
    if answer.stopped:
        raise Unavailable(
            f"{buildx.program} does not answer within {_SOON:.0f} s; install Docker's buildx plugin again"
        )
    return answer.out + answer.err
