"""What the local forge remembers of one folder: which branches were opened as pulls, and which of them are open."""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.core.errors import Unavailable
from bot.core.names import Sha

SNAPSHOT = 0
"""The number of the pull that is the working tree itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One branch that was opened; `head` is the commit seen last."""

    branch: str
    base: str
    author: str
    head: Sha
    open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All pulls of one folder by number; `told` counts the events, so that each has an id of its own."""

    path: Path
    pulls: Mapping[int, Entry] = field(default_factory=dict)
    told: int = 0

    def number(self, branch: str) -> int | None:
        """The pull of this branch, open or not."""
        return next((number for number, entry in self.pulls.items() if number and entry.branch == branch), None)

    def following(self) -> int:
        """The number of the next new pull."""
        return max(self.pulls, default=SNAPSHOT) + 1

    def having(self, number: int, entry: Entry) -> "Book":
        """The same after one more event, with this pull as it is now."""
        return replace(self, pulls={**self.pulls, number: entry}, told=self.told + 1)


_ADAPTER = TypeAdapter(Book)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other process from writing in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def recall(folder: Path) -> Book | None:
    """The book in this folder; None where nothing was ever opened."""
    file = folder / "pulls.json"
    try:
        return _ADAPTER.validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise Unavailable(f"{file} is damaged: remove it and open the pulls again") from error


def remember(folder: Path, book: Book) -> None:
    """Keep the book, whole or not at all."""
    write(folder / "pulls.json", _ADAPTER.dump_json(book, indent=1))


def write(file: Path, content: bytes) -> None:
    """Write a file that nobody ever sees half of, and that a power cut does not take."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as part:
        part.write(content)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
