"""The output folder of a job, made before it starts, and its file, looked at before it is read."""

import base64
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from typing import Any

from bot.core.group import NoOutput, Output, Unfit
from runners._docker_engine import Engine

FOLDER = "/qovery-output"
FILE = f"{FOLDER}/qovery-output.json"
LIMIT = 2**20
_ANYONE = 0o1777
_STAT = "x-docker-container-path-stat"
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


def prepare(engine: Engine, container: str) -> None:
    """Let any user write into the output folder of a container that was not started yet."""
    folder = tarfile.TarInfo(FOLDER.strip("/"))
    folder.type, folder.mode = tarfile.DIRTYPE, _ANYONE
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(folder)
    engine.api.put_archive(container, "/", packed.getvalue())


def read(engine: Engine, container: str) -> Output:
    """The file of a container that has ended; only a regular file of a fit size is ever opened."""
    stat = _looked_at(engine, container)
    if stat is None or stat == {}:
        return NoOutput() if stat is None else Unfit("the engine cannot look at it")
    if unfit := judged(stat):
        return unfit
    if stat["size"] == 0:
        return NoOutput()
    packed, _ = engine.api.get_archive(container, FILE)
    return unpacked(packed)


def judged(stat: Mapping[str, Any]) -> Unfit | None:
    """Why what stands in the file's place is not to be read, by what the engine says of it."""
    for bits, what in _NO_FILE:
        if stat["mode"] & bits:
            return Unfit(f"it is {what}; write a regular file")
    if stat["size"] > LIMIT:
        return Unfit(f"it has {stat['size']} bytes; at most {LIMIT} are read")
    return None


def unpacked(packed: Iterable[bytes]) -> Output:
    """The one file of an archive that comes in pieces."""
    whole = io.BytesIO()
    for piece in packed:
        whole.write(piece)
        if whole.tell() > 2 * LIMIT:
            return Unfit(f"it has more than {LIMIT} bytes")
    whole.seek(0)
    with tarfile.open(fileobj=whole, mode="r|") as archive:
        member = archive.next()
        file = archive.extractfile(member) if member and member.isreg() else None
        return Unfit("it is no regular file") if file is None else file.read(LIMIT)


def _looked_at(engine: Engine, container: str) -> Mapping[str, Any] | None:
    api = engine.api
    where = f"{api.base_url}/v{api.api_version}/containers/{container}/archive"
    answer = api.head(where, params={"path": FILE}, timeout=api.timeout)
    if answer.status_code == 404:
        return None
    if answer.status_code != 200:
        return {}
    stat: Mapping[str, Any] = json.loads(base64.b64decode(answer.headers[_STAT]))
    return stat
