"""What of another system's file is not in the spec, each with its line and why."""

import posixpath
from dataclasses import dataclass

from bot.core.composing.variables import shown

_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One thing that was not taken over; `path` is where it stands in the other system's words."""

    line: int
    path: str
    why: str
    file: str = ""
    """Where another file than the first one was read: its path from the repository's root."""

    def told(self, file: str, root: str = "") -> str:
        """`compose.yaml:7: services.web.networks: every node of a preview is in one network`"""
        return f"{self.where(file, root)}:{self.line}: {f'{self.path}: ' if self.path else ''}{self.why}"

    def where(self, file: str, root: str = "") -> str:
        """The file that it stands in, as whoever named the first one and the root would name it."""
        return shown(posixpath.join(root, self.file), longest=_LONGEST) if self.file else file


def left_out(line: int, path: str, why: str, *, file: str = "") -> LeftOut:
    """The same, on one line each, however long what was written there is."""
    return LeftOut(line=line, path=shown(path, longest=_LONGEST), why=shown(why, longest=_LONGEST), file=file)
