"""Other files of the repository that a file names: asked of whoever can read them, each once, and not without end."""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_FILES = 64
_ELSEWHERE = ("git@", "github.com/", "oci://")


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that was not read: `a.yaml is not there`. `absent`: because there is none."""

    why: str
    absent: bool = False


Reader = Callable[[str], bytes | Unread]
"""Reads a file by its path from the repository's root, and follows no link out of that."""


def nothing(path: str) -> bytes | Unread:
    """Read no other file at all."""
    return Unread(f"{path} is not read", absent=True)


@dataclass(slots=True, kw_only=True)
class Beside:
    """What was asked for so far."""

    reader: Reader = nothing
    asked: dict[str, bytes | Unread] = field(default_factory=dict)

    @property
    def found(self) -> tuple[str, ...]:
        """The files that were read, in their order."""
        return tuple(path for path, file in self.asked.items() if isinstance(file, bytes))

    def read(self, path: str) -> bytes | Unread:
        """The file at this path, as `within` gives it."""
        if "://" in path or path.startswith(_ELSEWHERE):
            return Unread(f"{path} is not of this repository, and not fetched")
        if posixpath.isabs(path) or path.startswith(("~", "../")) or path == "..":
            return Unread(f"{path} leads out of the folder that is taken for the repository's root, and is not read")
        if path not in self.asked:
            if len(self.asked) >= MOST_FILES:
                return Unread(f"more than {MOST_FILES} files are asked for; {path} is not read")
            self.asked[path] = self.reader(path)
        return self.asked[path]


def within(folder: str, path: str) -> str:
    """A path that stands in a file of this folder, from the repository's root."""
    if "://" in path or path.startswith((*_ELSEWHERE, "~")):
        return path
    return posixpath.normpath(posixpath.join(folder, path))
