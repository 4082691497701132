"""Dockerfiles as text: which line a step stands on, and the same file without a front end of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DIRECTIVE = re.compile(r"\s*(?:#|//)\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+)")
_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_STEP = re.compile(r"\[(?:\S+/\S+ )?(?:(\S+) )?\s*(\d+)/(\d+)\] (\w+)")
_METADATA = re.compile(r"\[internal\] load metadata for (\S+)")
_LAYERS = ("ADD", "COPY", "RUN")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, at the line where it begins."""

    line: int
    keyword: str
    rest: str

    def __str__(self) -> str:
        return f"{self.keyword} {self.rest}".strip()


def without_frontend(text: str) -> str:
    """The same file, line for line, whose `# syntax=` makes no engine fetch and run an image."""
    lines = text.removeprefix("\N{BYTE ORDER MARK}").split("\n")
    head = _head(lines)
    kept = [line for line in lines[:head] if (found := _DIRECTIVE.fullmatch(line)) and found[1].lower() != "syntax"]
    lines[:head] = [*kept, *["#"] * (head - len(kept))]
    if "".join(lines).lstrip().startswith("{"):
        lines[0] = "#"  # a front end may also be named in JSON
    return "\n".join(lines)


def instructions(text: str) -> tuple[Instruction, ...]:
    """Every instruction with its line; continued lines are joined."""
    return tuple(_instructions(text))


def place(text: str, step: str) -> Instruction | None:
    """The instruction that BuildKit calls `[stage 2/4] RUN …` or whose image it cannot find; None if in doubt."""
    written = instructions(text)
    if found := _METADATA.match(step):
        return next((each for each in written if each.keyword == "FROM" and _names(each, found[1])), None)
    if not (found := _STEP.match(step)):
        return None
    name, index, total, keyword = found[1], int(found[2]), int(found[3]), found[4].upper()
    stage = _stage(written, name)
    for counted in (_LAYERS, (*_LAYERS, "WORKDIR")):
        steps = [each for each in stage if each.keyword in (*counted, "FROM")]
        if len(steps) == total and steps[index - 1].keyword == keyword:
            return steps[index - 1]
    return None


def _head(lines: list[str]) -> int:
    start = 1 if lines[0].startswith("#!") else 0
    return next((at for at, line in enumerate(lines[start:], start) if not _DIRECTIVE.fullmatch(line)), len(lines))


def _escape(text: str) -> str:
    lines = text.split("\n")
    found = [_DIRECTIVE.fullmatch(line) for line in lines[: _head(lines)]]
    return next((match[2].strip() for match in found if match and match[1].lower() == "escape"), "\\")


def _instructions(text: str) -> Iterator[Instruction]:
    escape, begun, parts = _escape(text), 0, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("#") or (not stripped and not parts):
            continue
        begun = begun if parts else number
        parts.append(stripped.removesuffix(escape).strip())
        if not stripped.endswith(escape):
            yield _instruction(begun, parts)
            parts = []
    if parts:
        yield _instruction(begun, parts)


def _instruction(line: int, parts: list[str]) -> Instruction:
    keyword, *rest = " ".join(part for part in parts if part).split(maxsplit=1) or [""]
    return Instruction(line, keyword.upper(), "".join(rest))


def _stage(written: tuple[Instruction, ...], name: str | None) -> list[Instruction]:
    """The stage's instructions, with its FROM where that is a step: an image, not a stage before it or nothing."""
    stages = list[list[Instruction]]()
    names = list[str]()
    for each in written:
        if each.keyword == "FROM" and (found := _FROM.match(each.rest)):
            step = found[1].lower() != "scratch" and found[1].lower() not in names
            stages.append([each] if step else [])
            names.append((found[2] or f"stage-{len(names)}").lower())
        elif stages:
            stages[-1].append(each)
    wanted = (name or "stage-0").lower()
    return stages[names.index(wanted)] if wanted in names else []


def _names(instruction: Instruction, image: str) -> bool:
    found = _FROM.match(instruction.rest)
    short = image.removesuffix(":latest")
    return found is not None and any(each == found[1] or each.endswith(f"/{found[1]}") for each in (image, short))
