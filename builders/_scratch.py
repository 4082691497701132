"""Folders that vanish: at the end of their use, or, where the process was killed, when the next one starts."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from builders._lock import held


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """Make an empty folder of random name, ours until it vanishes."""
    folder = parent / secrets.token_hex(8)
    with held(_lock(folder), None):
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def sweep(parent: Path) -> None:
    """Remove the folders whose process is gone; those in use stay."""
    for folder in [path for path in parent.glob("*") if path.suffix != ".lock"]:
        with held(_lock(folder), None) as free:
            if free:
                shutil.rmtree(folder, ignore_errors=True)


def _lock(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")
