"""Zero configuration: a repository without a spec, but with a Dockerfile, is one public service."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.core.composing.variables import shown
from bot.core.model import Build, Service, Spec
from bot.core.names import Name
from bot.core.reading import spec
from bot.core.reading.dockerfile import Instruction, instructions
from bot.core.reading.spec import FILE, LIMIT, Unreadable
from bot.core.report import Problem

DOCKERFILE = "Dockerfile"
APP = Name("app")
_MISSPELT = ("matinee.yml", ".matinee.yaml", ".matinee.yml")
_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?.*", re.IGNORECASE)
_PORT = re.compile(r"([0-9]{1,5})(?:-[0-9]{1,5})?(?:/([a-z]+))?", re.IGNORECASE)
_HIGHEST = 65535
_LARGEST = 2**20

_INSTEAD = (
    f"expose a number, or add a {FILE} that says which: "
    f"{{version: 1, services: {{{APP}: {{build: {{}}, port: 8080, public: true}}}}}}"
)

Look = Callable[[str, int], bytes | None]
"""A file at the repository's root by name and its largest size; None where there is none; ValueError for no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """What a Dockerfile alone says of a preview."""

    port: int
    line: int
    others: tuple[int, ...] = ()
    """Ports that are exposed after it, and not looked at."""

    @property
    def spec(self) -> Spec:
        """The spec that somebody would have written."""
        return Spec(version=1, services={APP: Service(build=Build(), port=self.port, public=True)})

    def __str__(self) -> str:
        rest = f", the first of {', '.join(map(str, (self.port, *self.others)))}" if self.others else ""
        where = f"EXPOSE in line {self.line} of the {DOCKERFILE}{rest}"
        return f"there is no {FILE}; this is one public service {APP}, built here, at port {self.port} ({where})"


def found(look: Look, file: str = FILE) -> Spec | Unreadable:
    """The spec of a repository, written or not; in another place than the usual one it has to be written."""
    try:
        text = look(file, LIMIT + 1)
    except ValueError as error:
        return _unreadable(str(error), file)
    if text is not None:
        return spec.read(text, file=file)
    if file != FILE:
        return _unreadable(f"there is no {file} in the repository", file)
    bare = unwritten(look)
    return bare if isinstance(bare, Unreadable) else bare.spec


def unwritten(look: Look) -> Bare | Unreadable:
    """What stands for a spec that is not there."""
    try:
        misspelt = next((name for name in _MISSPELT if look(name, LIMIT + 1) is not None), "")
        text = look(DOCKERFILE, _LARGEST)
    except ValueError as error:
        return _unreadable(f"there is no {FILE}, and {error}")
    if misspelt:
        return _unreadable(f"the spec is named {FILE}; rename {misspelt}")
    if text is None:
        why = f"there is no {FILE} at the root of the repository, nor a {DOCKERFILE} to preview without one"
        return _unreadable(f"{why}; add one (docs/spec.md shows how)")
    return bare(text.decode("utf-8", errors="replace"))


def bare(dockerfile: str, target: str = "") -> Bare | Unreadable:
    """Read the port off the last stage or the one that is built, or off the stages that it is made from."""
    exposed = (each for stage in _stages(dockerfile, target) for each in stage if each.keyword == "EXPOSE")
    read = [(_port(word), each.line) for each in exposed for word in each.rest.split()]
    ports: dict[int, int] = {}
    for port, line in read:
        if isinstance(port, str):
            return _unreadable(f"there is no {FILE}, and {DOCKERFILE}:{line}: {port}; {_INSTEAD}")
        if port is not None:
            ports.setdefault(port, line)
    if not ports:
        why = f"there is no {FILE}, and the {DOCKERFILE}'s last stage has no EXPOSE with a TCP port"
        return _unreadable(f"{why}; {_INSTEAD}")
    (port, line), *others = ports.items()
    return Bare(port=port, line=line, others=tuple(other for other, _ in others))


def _stages(dockerfile: str, target: str) -> Iterator[tuple[Instruction, ...]]:
    """The stage of this name or the last one, then the one that it is made from, and so on."""
    stages: list[list[Instruction]] = []
    names: dict[str, int] = {}
    bases: list[int | None] = []
    for each in instructions(dockerfile):
        if each.keyword == "FROM" and (made := _FROM.fullmatch(each.rest)):
            bases.append(names.get(made[1].lower()))
            names |= {made[2].lower(): len(stages)} if made[2] else {}
            stages.append([])
        elif stages:
            stages[-1].append(each)
    at = names.get(target.lower(), len(stages) - 1) if stages else None
    while at is not None:
        yield tuple(stages[at])
        at = bases[at]


def _port(word: str) -> int | str | None:
    """The port; None for one that is not TCP; or why it is none."""
    if "$" in word:
        return f"EXPOSE {shown(word)} is known only when it is built"
    read = _PORT.fullmatch(word)
    if read is None or not 1 <= int(read[1]) <= _HIGHEST:
        return f"EXPOSE {shown(word)} names no port"
    return int(read[1]) if (read[2] or "tcp").lower() == "tcp" else None


def _unreadable(why: str, file: str = FILE) -> Unreadable:
    return Unreadable(problems=(Problem(path="", line=1, column=1, message=why),), file=file)
