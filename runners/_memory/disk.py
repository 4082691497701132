"""The files of a container that is nowhere: paths to what lies there, its volumes and fixed files over them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Odd(StrEnum):
    """What may lie at a path beside a file's bytes."""

    LINK = "a symbolic link"
    FOLDER = "a folder"
    PIPE = "a named pipe"


@dataclass(frozen=True, slots=True)
class Hollow:
    """A file of that many bytes, none of which was ever written."""

    size: int


Entry = bytes | Odd | Hollow
Files = dict[str, Entry]


class ReadOnly(Exception):
    """That file is not to be written."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A container's own files, those that it was given, and those that it shares by the path they are mounted at."""

    own: Files = field(default_factory=dict)
    volumes: Mapping[str, Files] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    def find(self, path: str) -> Entry | None:
        """What lies at a path."""
        given = self.given.get(path)
        return self._files(path).get(path) if given is None else given.encode()

    def put(self, path: str, entry: Entry) -> None:
        """Lay something at a path, in the place of what lies there."""
        if path in self.given:
            raise ReadOnly(path)
        if path != "/dev/null":
            self._files(path)[path] = entry

    def append(self, path: str, more: bytes) -> None:
        """Add to a file, or begin it."""
        there = self.find(path)
        self.put(path, (there if isinstance(there, bytes) else b"") + more)

    def _files(self, path: str) -> Files:
        mounts = [mount for mount in self.volumes if path.startswith(f"{mount}/")]
        return self.volumes[max(mounts, key=len)] if mounts else self.own
