"""The output file of a job, looked at before it is read."""

from collections.abc import Mapping
from typing import Any

from bot.core.group import NoOutput, Output, Unfit
from runners._docker import archive
from runners._docker.engine import Engine
from runners._output import FILE, LIMIT, misplaced, oversized

_LINK, _PIPE, _SOCKET = 1 << 27, 1 << 25, 1 << 24
_NO_FILE = (
    (1 << 31, "a folder"),
    (_LINK, "a link"),
    (1 << 26 | 1 << 21, "a device"),
    (_PIPE, "a pipe"),
    (_SOCKET, "a socket"),
    (1 << 19, "no regular file"),
)
"""Bits of Go's `os.FileMode`, as the engine sends it."""


def read(engine: Engine, container: str) -> Output:
    """The file of a container that has ended; only a regular file of a fit size is ever opened."""
    stat = engine.looked_at(container, FILE)
    if stat is None or stat == {}:
        return NoOutput() if stat is None else Unfit("the engine cannot look at the output file")
    if unfit := judged(stat):
        return unfit
    if stat["size"] == 0:
        return NoOutput()
    pieces, _ = engine.api.get_archive(container, FILE)
    content = archive.regular(pieces, limit=LIMIT)
    return Unfit(f"the output file is no regular file of at most {LIMIT} bytes") if content is None else content


def judged(stat: Mapping[str, Any]) -> Unfit | None:
    """Why what stands in the file's place is not to be read, by what the engine says of it."""
    for bits, what in _NO_FILE:
        if stat["mode"] & bits:
            return misplaced(what)
    if stat["size"] > LIMIT:
        return oversized(stat["size"])
    return None
