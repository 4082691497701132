"""A Dockerfile's text as instructions, each with the line where it begins."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

DIRECTIVE = re.compile(r"\s*(?:#|//)\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+)")
"""`# syntax=…`, `# escape=…`: only above everything else."""
_HEREDOC = re.compile(r"[0-9]{0,4}<<(-?)(['\"]?)([A-Za-z0-9_.]{1,100})\2")
_HOLDING = ("ADD", "COPY", "RUN")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, at the line where it begins."""

    line: int
    keyword: str
    rest: str

    def __str__(self) -> str:
        return f"{self.keyword} {self.rest}".strip()


def instructions(text: str) -> tuple[Instruction, ...]:
    """Every instruction with its line; continued lines are joined, and texts written in place (`<<EOF`) left out."""
    return tuple(_instructions(text.removeprefix("\N{BYTE ORDER MARK}").split("\n"), _escape(text)))


def head(lines: list[str]) -> int:
    """How many lines belong to the directives."""
    start = 1 if lines[0].startswith("#!") else 0
    return next((at for at, line in enumerate(lines[start:], start) if not DIRECTIVE.fullmatch(line)), len(lines))


def _escape(text: str) -> str:
    lines = text.split("\n")
    found = [DIRECTIVE.fullmatch(line) for line in lines[: head(lines)]]
    return next((match[2].strip() for match in found if match and match[1].lower() == "escape"), "\\")


def _instructions(lines: list[str], escape: str) -> Iterator[Instruction]:
    begun, parts, over = 0, list[str](), 0
    places = _places(lines)
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if number <= over or stripped.startswith("#") or (not stripped and not parts):
            continue
        begun = begun if parts else number
        parts.append(stripped.removesuffix(escape).strip())
        if not stripped.endswith(escape):
            yield (made := _instruction(begun, parts))
            parts, over = [], _end_of_texts(made, number, places)
    if parts:
        yield _instruction(begun, parts)


def _instruction(line: int, parts: list[str]) -> Instruction:
    keyword, *rest = " ".join(part for part in parts if part).split(maxsplit=1) or [""]
    return Instruction(line, keyword.upper(), "".join(rest))


def _places(lines: list[str]) -> Mapping[tuple[str, str], list[int]]:
    """Where each line stands, as it is and, under `-`, without its tabs: what ends a text is looked up, not sought."""
    found: dict[tuple[str, str], list[int]] = {}
    for number, line in enumerate(lines, 1):
        found.setdefault(("", line.rstrip("\r")), []).append(number)
        found.setdefault(("-", line.rstrip("\r").lstrip("\t")), []).append(number)
    return found


def _end_of_texts(made: Instruction, number: int, places: Mapping[tuple[str, str], list[int]]) -> int:
    """The line at which the texts that the instruction announces are over; one that never ends is none."""
    if made.keyword not in _HOLDING or "<<" not in made.rest:
        return number
    for word in made.rest.split():
        if found := _HEREDOC.fullmatch(word):
            ends = places.get((found[1], found[3]), [])
            later = bisect_right(ends, number)
            number = ends[later] if later < len(ends) else number
    return number
