"""Files beside those that were named on the command line, for an importer that asks for them."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.core.importing.beside import Reader, Unread


def reader(root: Path) -> "Reader":
    """Read files below this folder, and what links in it lead to below it."""
    home = root.resolve()

    def read(path: str) -> "bytes | Unread":
        from bot.core.importing.beside import Unread
        from bot.core.reading.yaml_events import LIMIT

        try:
            file = (home / path).resolve(strict=True)
        except (FileNotFoundError, NotADirectoryError):
            return Unread(f"{path} is not there", absent=True)
        except (OSError, RuntimeError, ValueError):
            return Unread(f"{path} cannot be read")
        if not file.is_relative_to(home):
            return Unread(f"{path} is a link that leads out of the repository, and is not read")
        if not file.is_file():
            return Unread(f"{path} is no file")
        return _bytes(file, path, LIMIT)

    return read


def _bytes(file: Path, path: str, most: int) -> "bytes | Unread":
    from bot.core.importing.beside import Unread

    try:
        with file.open("rb") as opened:
            found = opened.read(most + 1)
    except OSError as error:
        return Unread(f"{path} cannot be read: {error.strerror}")
    return found if len(found) <= most else Unread(f"{path} is over {most // 2**10} KiB, and is not read")
