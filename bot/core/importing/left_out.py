"""What of another system's file is not in the spec, each with its line and why."""

from dataclasses import dataclass

from bot.core.composing.variables import shown

_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One thing that was not taken over; `path` is where it stands in the other system's words."""

    line: int
    path: str
    why: str

    def told(self, file: str) -> str:
        """`compose.yaml:7: services.web.networks: every node of a preview is in one network`"""
        return f"{file}:{self.line}: {f'{self.path}: ' if self.path else ''}{self.why}"


def left_out(line: int, path: str, why: str) -> LeftOut:
    """The same, on one line each, however long what was written there is."""
    return LeftOut(line=line, path=shown(path, longest=_LONGEST), why=shown(why, longest=_LONGEST))
