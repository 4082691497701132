"""What a failed build is told as: one sentence, with the line of the Dockerfile where it can be known."""

import re
from collections.abc import Sequence

from builders._buildx_progress import Broken
from builders._dockerfile import Instruction, instructions, place
from builders._neighbours import LEFT, denied
from builders.base import Unbuilt

_TRAILER = re.compile(r"Dockerfile:(\d+)")
_PARSE = re.compile(r"parse error (?:on )?line (\d+): (.*)")
_EXIT = re.compile(r"exit code: (\d+)\s*$")
_WRAPPING = re.compile(
    r"^(?:ERROR: |failed to build: |failed to solve(?: with frontend \S+)?: |failed to create LLB definition: "
    r"|failed to compute cache key: |failed to calculate checksum of ref \S+: |rpc error: code = \w+ desc = )+"
)
_LONGEST = 300


def failure(path: str, text: str, broken: Broken | None, said: Sequence[str]) -> Unbuilt:
    """Name the place (`web/Dockerfile:9`), the instruction and the reason; `text` is the Dockerfile at `path`."""
    # What is under way beside what breaks is given up, and may be the only step that is told as broken.
    known = broken is not None and not broken.error.endswith("context canceled")
    reason = _reason(broken.error if broken and known else _last_error(said))
    if found := _PARSE.search(reason):
        return _unbuilt(path, int(found[1]), found[2])
    where = _instruction(text, broken, said)
    if where is not None:
        return _unbuilt(path, where.line, f"{_short(str(where))}: {reason}")
    step = f"{_short(broken.step)}: " if broken else ""
    return Unbuilt(why=f"{path}: {step}{reason}", file=path)


def _unbuilt(path: str, line: int, why: str) -> Unbuilt:
    return Unbuilt(why=f"{path}:{line}: {why}", file=path, line=line)


def _instruction(text: str, broken: Broken | None, said: Sequence[str]) -> Instruction | None:
    """Newer engines name the line at the end; for others the step is looked up in the file."""
    lines = [int(found[1]) for line in said if (found := _TRAILER.fullmatch(line.strip()))]
    begun = [each for each in instructions(text) if lines and each.line <= lines[-1]]
    if begun:
        return begun[-1]
    return place(text, broken.step) if broken else None


def _reason(error: str) -> str:
    if code := _EXIT.search(error):
        return f"exit code {code[1]}"
    if "unsupported frontend capability moby.buildkit.frontend.contexts" in error:
        return "this engine's BuildKit knows no named contexts; leave contexts out, or use Docker Engine 23 or newer"
    if "no match for platform in manifest" in error:
        return "its base image is not there for this platform; check build.platform, or leave it out"
    if theirs := denied(error):
        return f"{theirs} {LEFT}"
    plain = _WRAPPING.sub("", " ".join(error.split()))
    return re.sub(r"(not found): not found$", r"\1", plain)[:_LONGEST] or "buildx gave no reason"


def _last_error(said: Sequence[str]) -> str:
    errors = [line for line in said if line.startswith("ERROR: ")]
    return (errors or [line for line in said if line.strip()] or [""])[-1]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 100 else f"{plain[:99]}…"
