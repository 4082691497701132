"""Small archives to put into a container that was not started yet: folders, texts, links. Pure."""

import io
import tarfile
from collections.abc import Iterable

_ANYONE = 0o1777

Entry = tuple[tarfile.TarInfo, bytes]


def packed(*entries: Entry) -> bytes:
    """One archive of these entries, in this order."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for entry, content in entries:
            archive.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def shared(path: str) -> Entry:
    """A folder that any user may write into."""
    return _folder(path, _ANYONE)


def folder(path: str) -> Entry:
    """A folder that any user may look into."""
    return _folder(path, 0o755)


def text(path: str, content: str) -> Entry:
    """A file that any user may read."""
    entry, data = tarfile.TarInfo(path.lstrip("/")), content.encode()
    entry.mode, entry.size = 0o444, len(data)
    return entry, data


def link(path: str, target: str) -> Entry:
    """A link, which is whole or not there whenever it is read."""
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    return entry, b""


def regular(pieces: Iterable[bytes], *, limit: int) -> bytes | None:
    """The first `limit` bytes of the one regular file of an archive that comes in pieces; None where it is none."""
    whole = io.BytesIO()
    for piece in pieces:
        whole.write(piece)
        if whole.tell() > 2 * limit:
            return None
    whole.seek(0)
    with tarfile.open(fileobj=whole, mode="r|") as archive:
        member = archive.next()
        file = archive.extractfile(member) if member and member.isreg() else None
        return file.read(limit) if file else None


def _folder(path: str, mode: int) -> Entry:
    entry = tarfile.TarInfo(path.strip("/"))
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    return entry, b""
