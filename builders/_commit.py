"""A commit in a mirror: what is in it, and its files for as long as they are needed."""

import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import Unavailable
from bot.core.names import Sha
from builders._git import Ran, git, reason
from builders._scratch import scratch
from builders.content import within

_LINK, _TREE = "120000", "040000"
_LONGEST = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A commit that a mirror has, whole."""

    repository: str
    sha: Sha
    mirror: Path
    exports: Path

    def read(self, path: str, *, limit: int) -> bytes | None:
        """A regular file's bytes, None where there is none; ValueError for a link, a folder, or more than `limit`."""
        entry = self._entries((path,)).get(_inside(path))
        if entry is None:
            return None
        if entry.mode == _LINK:
            raise ValueError(f"{path} is a symbolic link; put the file itself there")
        if entry.size is None:
            raise ValueError(f"{path} is a folder, not a file")
        if entry.size > limit:
            raise ValueError(f"{path} has {entry.size} bytes; {limit} are allowed")
        return self._git("cat-file", "blob", entry.id).out

    def identities(self, paths: tuple[str, ...]) -> Mapping[str, tuple[str, str] | None]:
        """Path → (mode, object id) in this commit, None where there is nothing: a tree's content without a checkout."""
        entries = self._entries(paths)
        found = {path: entries.get(_inside(path)) for path in paths}
        return {path: None if entry is None else (entry.mode, entry.id) for path, entry in found.items()}

    def files(self, name: str) -> tuple[str, ...]:
        """Every file of that name whatever its case, nearest to the root first."""
        listed = self._git("ls-tree", "-r", "-z", "--name-only", self.sha).out
        paths = [os.fsdecode(path) for path in listed.split(b"\0") if path]
        named = [path for path in paths if path.rpartition("/")[2].lower() == name.lower()]
        return tuple(sorted(named, key=lambda path: (path.count("/"), path)))

    def tree(self) -> Mapping[str, str]:
        """Every file of the commit by its path, with what stands for its content: an object's id and mode."""
        listed = self._git("ls-tree", "-r", "-l", "-z", self.sha).out
        entries = (_Entry.of(line) for line in listed.split(b"\0") if line)
        return {entry.path: f"{entry.mode} {entry.id}" for entry in entries}

    @contextmanager
    def export(self, path: str) -> Iterator[Path]:
        """The folder at `path` as files, with fresh times, in a folder of random name that vanishes at the end."""
        entry = self._entries((path,)).get(_inside(path))
        if entry is None or entry.mode != _TREE:
            raise ValueError(f"{path} is no folder in commit {self.sha}")
        with scratch(self.exports) as room:
            folder = room / secrets.token_hex(8)
            folder.mkdir()
            folder.chmod(0o755)
            paths = {"GIT_DIR": str(self.mirror), "GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": str(room / "index")}
            # No `git archive`: it would leave out what `export-ignore` names, and a checkout has it.
            self._git("read-tree", entry.id, environment=paths)
            self._git("checkout-index", "--all", f"--prefix={folder}/", environment=paths)
            yield folder

    def _entries(self, paths: tuple[str, ...]) -> Mapping[str, "_Entry"]:
        wanted = [_inside(path) for path in paths]
        root = self._git("rev-parse", "--verify", f"{self.sha}^{{tree}}").out.decode().strip()
        listed = self._git("ls-tree", "-t", "-l", "-z", self.sha, "--", *wanted).out if wanted else b""
        entries = [_Entry.of(line) for line in listed.split(b"\0") if line]
        return {".": _Entry(path=".", mode=_TREE, id=root, size=None), **{entry.path: entry for entry in entries}}

    def _git(self, *args: str, environment: Mapping[str, str] | None = None) -> Ran:
        ran = git(self.mirror, *args, cancel=threading.Event(), seconds=_LONGEST, environment=environment)
        if ran.code:
            raise Unavailable(f"{self.mirror} cannot be read: {reason(ran)}; if it is damaged, remove that folder")
        return ran


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    path: str
    mode: str
    id: str
    size: int | None

    @classmethod
    def of(cls, line: bytes) -> "_Entry":
        facts, _, path = line.partition(b"\t")
        mode, _, name, size = facts.decode().split()
        return cls(path=os.fsdecode(path), mode=mode, id=name, size=None if size == "-" else int(size))


def _inside(path: str) -> str:
    inside = within(path)
    if inside is None:
        raise ValueError(f"{path!r} is no path inside the repository")
    return inside
