"""Where the operator's secrets lie, as one text: in a file; or wherever else an adapter can put it."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from bot.core.errors import Misused
from bot.keeping.whole import locked, write

Change = Callable[[bytes | None], bytes | None]
"""From what lies there to what is to lie there; None: nothing, and leave it as it is."""


class Shelf(Protocol):
    """A place for one text."""

    @property
    def where(self) -> str:
        """What to call it in a message."""
        ...

    def read(self) -> bytes | None:
        """What lies there; None for nothing."""
        ...

    def change(self, change: Change) -> None:
        """Put there what the change makes of it; of several at once none is lost, so it may be asked again."""
        ...


class FileShelf:
    """A file that nobody else may change."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def where(self) -> str:
        """Its path."""
        return str(self._file)

    def read(self) -> bytes | None:
        """What is in it; None where there is none."""
        try:
            mode = self._file.stat().st_mode
            text = self._file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Misused(f"{self._file} cannot be read: {error.strerror}; it holds the operator's secrets") from None
        if mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise Misused(f"{self._file} may be changed by others; `chmod 600` it and look through what it holds")
        return text

    def change(self, change: Change) -> None:
        """Write it anew, one at a time."""
        with locked(self._file.with_suffix(".lock")):
            if (after := change(self.read())) is not None:
                write(self._file, after)
