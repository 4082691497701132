"""Dockerfiles as text: which line a step stands on, and the same file without a front end of its own."""

import json
import re
from collections.abc import Mapping

from bot.core.reading.dockerfile import DIRECTIVE, head
from bot.core.reading.dockerfile import Instruction as Instruction
from bot.core.reading.dockerfile import instructions as instructions

_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_STEP = re.compile(r"\[(?:\S+/\S+ )?(?:(\S+) )?\s*(\d+)/(\d+)\] (\w+)")
_METADATA = re.compile(r"\[internal\] load metadata for (\S+)")
_FROM_FLAG = re.compile(r"(?:--|,)from=([^\s,]+)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_ELSEWHERE = re.compile(r"://|@[^/\s]*:|\$")
"""An address, or a variable, which may hold one."""
_QUOTES = re.compile(r"[\\`\"']")
_LAYERS = ("ADD", "COPY", "RUN")


def without_frontend(text: str) -> str:
    """The same file, line for line, whose `# syntax=` makes no engine fetch and run an image."""
    lines = text.removeprefix("\N{BYTE ORDER MARK}").split("\n")
    above = head(lines)
    kept = [line for line in lines[:above] if (found := DIRECTIVE.fullmatch(line)) and found[1].lower() != "syntax"]
    lines[:above] = [*kept, *["#"] * (above - len(kept))]
    if "".join(lines).lstrip().startswith("{"):
        lines[0] = "#"  # a front end may also be named in JSON
    return "\n".join(lines)


def stages(text: str) -> tuple[str, ...]:
    """The names of the file's stages, as written; one without a name is its number, counted from 0."""
    froms = [_FROM.match(each.rest) for each in instructions(text) if each.keyword == "FROM"]
    return tuple((found and found[2]) or str(number) for number, found in enumerate(froms))


def no_such_stage(text: str, target: str | None) -> str:
    """Why this stage cannot be built, with those there are; empty where it can."""
    there = stages(text)
    numbers = map(str, range(len(there)))
    if target is None or not there or target.lower() in {*(each.lower() for each in there), *numbers}:
        return ""
    named = [each for each in there if not each.isdecimal()]
    others = f"there is {', '.join(named)}" if named else "no stage has a name; write FROM … AS a-name"
    return f"there is no stage {target}; {others}"


def remote_add(text: str) -> Instruction | None:
    """The first `ADD` of what may lie elsewhere, which the builder fetches itself, from where it stands."""
    return next((each for each in instructions(text) if _ELSEWHERE.search(_sources(each))), None)


def images(text: str, args: Mapping[str, str]) -> tuple[str, ...]:
    """The images that it builds on and copies from, as far as its text and the build arguments tell."""
    written = instructions(text)
    known = {name.lower() for name in stages(text)} | {"scratch"}
    given: dict[str, str] = {}
    found: list[str] = []
    for each in written:
        if each.keyword == "ARG":
            name, _, default = each.rest.partition("=")
            given[name.strip()] = args.get(name.strip(), default.strip("\"' "))
        base = _FROM.match(each.rest) if each.keyword == "FROM" else None
        names = [base[1]] if base else _FROM_FLAG.findall(each.rest)
        found += (_VARIABLE.sub(lambda it: given.get(it[1] or it[2], it[0]), name) for name in names)
    named = (name for name in found if "$" not in name and name.lower() not in known and not name.isdecimal())
    return tuple(dict.fromkeys(named))


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


def _sources(instruction: Instruction) -> str:
    """What an `ADD` adds, without what a shell would take away; a trigger's too."""
    keyword, rest = instruction.keyword, instruction.rest
    if keyword == "ONBUILD":
        keyword, _, rest = rest.partition(" ")
    if keyword.upper() != "ADD":
        return ""
    words = [word for word in rest.split() if not word.startswith("--")]
    try:
        parts = json.loads(" ".join(words))
    except (ValueError, RecursionError):
        parts = words
    return _QUOTES.sub("", " ".join(map(str, parts[:-1]))) if isinstance(parts, list) else ""


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
