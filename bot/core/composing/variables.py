"""References in the spec's texts, `${git.sha}`: found for the check, filled in once for the run.

`$$` is a dollar sign; a `$` before anything but `$` and `{` stays as it is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from bot.core.model import Health, Job, Service, Spec, Task
from bot.core.names import Name

_TOKEN = re.compile(r"\$\$|\$\{([^{}]*)\}|\$\{")
_REFERENCE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)+")
_LISTED = 20
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Known:
    """What a name stands for."""

    value: str = field(repr=False)
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Unfilled:
    """The text cannot be filled in; `why` holds names, never a value."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """`${…}` in a text: its name without the braces, and where it begins."""

    name: str
    at: int

    @property
    def job(self) -> Name | None:
        """The job whose output it names."""
        match self.name.split("."):
            case ["jobs", job, "outputs", _]:
                return Name(job)
            case _:
                return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """What begins like a reference and is none."""

    why: str
    at: int


def references(text: str) -> tuple[Reference | Broken, ...]:
    """Every reference in the text, in its order, and what only looks like one."""
    return tuple(part for part in _parts(text) if not isinstance(part, str))


def fill(text: str, known: Mapping[str, Known], *, secrets: bool) -> str | Unfilled:
    """The text with every reference's value, read once: nothing inside a value is looked at again.

    `secrets` says whether the place may hold a secret value.
    """
    filled: list[str] = []
    for part in _parts(text):
        value = part if isinstance(part, str) else _value(part, known, secrets=secrets)
        if isinstance(value, Unfilled):
            return value
        filled.append(value)
    return "".join(filled)


def tells(text: str, known: Mapping[str, Known]) -> bool:
    """Whether the text, once filled in, holds a secret."""
    return any(isinstance(part, Reference) and part.name in known and known[part.name].secret for part in _parts(text))


def job_references(node: Service | Job) -> frozenset[Name]:
    """The jobs whose outputs this node's texts name, those of its tasks too, and which therefore come before it."""
    found = (part for text in texts(node) for part in references(text))
    return frozenset(part.job for part in found if isinstance(part, Reference) and part.job is not None)


def secret_references(spec: Spec) -> frozenset[str]:
    """The secrets that the operator has to give: all that the spec names and that are not made here."""
    said = (*spec.variables.values(), *(text for node in spec.nodes.values() for text in texts(node)))
    roots = (part.name.split(".") for text in said for part in references(text) if isinstance(part, Reference))
    builds = (each.build for node in spec.nodes.values() for each in node.containers.values())
    mounted = (name for build in builds if build is not None for name in build.secrets)
    return frozenset([*(root[1] for root in roots if root[0] == "secrets"), *mounted]) - spec.secrets.keys()


def listed(names: Iterable[str]) -> str:
    """The names for a sentence, not more of them than one reads."""
    names = tuple(names)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more if names else "none"


def nearest(word: str, names: Iterable[str]) -> str:
    """`; did you mean …?` where one of the names is close to the word, else nothing."""
    likely = [name for name in names if abs(len(name) - len(word)) <= len(word)][: _SHOWN * _LISTED]
    close = get_close_matches(word, likely, n=1)
    return f"; did you mean {shown(close[0])}?" if close else ""


def shown(text: str, *, longest: int = _SHOWN) -> str:
    """Somebody's text as part of our sentence: short, and on one line."""
    line = text if text.isprintable() else repr(text)[1:-1]
    return line if len(line) <= longest else f"{line[:longest]}…"


def _value(part: Reference | Broken, known: Mapping[str, Known], *, secrets: bool) -> str | Unfilled:
    if isinstance(part, Broken):
        return Unfilled(part.why)
    found = known.get(part.name)
    if found is None:
        name = shown(part.name)
        return Unfilled(f"${{{name}}} is not known here (known: {listed(known)}){nearest(part.name, known)}")
    if found.secret and not secrets:
        return Unfilled(hidden(part.name))
    return found.value


def hidden(name: str, *, build: bool = False) -> str:
    """Why a secret value has no place among arguments, and what to do."""
    if build:
        return (
            f"${{{shown(name)}}} is secret, and build arguments can be read in the image's history; list it under "
            f"build.secrets and read it in a RUN --mount=type=secret,id={shown(name.rpartition('.')[2])} line"
        )
    return (
        f"${{{shown(name)}}} is sensitive, and arguments, probes and build arguments can be read in process lists and "
        "image history; put it into variables and read that variable inside the container"
    )


def _parts(text: str) -> Iterator[str | Reference | Broken]:
    over = 0
    for token in _TOKEN.finditer(text):
        yield text[over : token.start()]
        yield "$" if token[0] == "$$" else _reference(token)
        over = token.end()
    yield text[over:]


def _reference(token: re.Match[str]) -> Reference | Broken:
    name, at = token[1], token.start()
    if name is None:
        return Broken(why="${ is not closed; write ${git.sha}, or $${ for a dollar sign and a brace", at=at)
    if not _REFERENCE.fullmatch(name):
        text = shown(name)
        why = f"${{{text}}} is no reference such as ${{git.sha}}; to leave it to the program write $${{{text}}}"
        return Broken(why=why, at=at)
    return Reference(name=name, at=at)


def texts(node: Service | Job) -> Iterator[str]:
    """Every text of a node that is filled in, those of its tasks among them."""
    yield from _container_texts(node)
    for run in node.on.values() if isinstance(node, Job) else (node,):
        yield from (*(run.entrypoint or ()), *(run.args or ()))
    if isinstance(node, Service):
        yield from _probe_texts(node.health)
    for task in node.tasks.values():
        yield from (*_container_texts(task), *(task.entrypoint or ()), *(task.args or ()), *_probe_texts(task.health))


def _container_texts(container: Service | Job | Task) -> Iterator[str]:
    yield from container.variables.values()
    yield from container.files.values()


def _probe_texts(health: Health | None) -> Iterator[str]:
    if health is not None:
        yield from (health.http or "", *(health.exec or ()))
