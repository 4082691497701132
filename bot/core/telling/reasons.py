"""How a container ended, in words: what happened, and what to do about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from bot.core.group import Container, Ended, Fate, Group, Probe, ProbeKind, Task
from bot.core.telling.markdown import bounded, line

_CODES = {
    126: "a file that may not be executed; give it the executable bit in the image",
    127: "a command that the image does not have; check entrypoint, args and PATH",
    130: "an interrupt (SIGINT)",
    132: "an illegal instruction (SIGILL); the image may be built for another processor",
    134: "an abort (SIGABRT) by the program itself",
    137: "a kill from outside, often for want of memory; raise {key}.resources.memory",
    139: "a crash on a bad memory access (SIGSEGV)",
    143: "a request to end (SIGTERM)",
}
_PULLING = "the operator's MATINEE_REGISTRY_PULL_CREDENTIALS_FILE"
_REFUSALS = (
    (r"executable file not found|no such file or directory", "{what} is not in the image; check entrypoint and args"),
    (r"permission denied", "{what} may not be executed; give it the executable bit in the image"),
    (r"exec format error", "{what} is built for another processor, or is a script without a #! line"),
    (r"is a directory", "{what} is a folder; check entrypoint and args"),
    (r"^pull denied: ", f"the cluster may not fetch its image; check its name, and that {_PULLING} may pull it"),
    (r"no such image|manifest unknown|pull access denied|image .*not found", "its image was not found; check its name"),
    (
        r"port is already allocated|address already in use|ports are not available",
        "its port is taken on this machine; free it, then deploy again",
    ),
    (
        r"no space left on device|disk quota exceeded",
        "no space is left on the engine's disk; free some, then deploy again",
    ),
    (
        r"unable to find (?:user|group)|no matching entries in (?:passwd|group) file",
        "its user is not in the image; check {key}.user",
    ),
    (
        r"runAsNonRoot|run as root",
        "its image runs as root, which is not allowed here; set {key}.user to a number",
    ),
    (r"exceeded quota", "{said}; lower {key}.resources, or have the operator raise the quota of previews"),
    (r"nodes are available", "no node has room for it: {said}; lower {key}.resources, or have the operator add a node"),
    (r"violates PodSecurity", "{said}; ask the operator which level previews may have"),
    (r"no command specified", "the image names no command; give {key} an entrypoint or args"),
    (r"minimum memory limit|memory limit", "its memory limit does not do; raise {key}.resources.memory"),
)
_FULL = (r"no space left on device|disk quota exceeded", "no space was left on the disk; free some, then deploy again")
_CLUES = (
    _FULL,
    (
        r"address already in use|EADDRINUSE",
        "a port that it wants is taken; the containers of a group share one network, so give each its own",
    ),
)
"""What last lines may tell that an exit code does not."""
_READ = 10
_QUOTED = re.compile(
    r'exec: \\?"([^"\\]{1,100})\\?"|(?:stat|fork/exec|exec) (/[^\s:"]{1,100}):|exec (\S{1,100}) failed:'
)


@dataclass(frozen=True, slots=True)
class _Part:
    """The container that an end is about."""

    container: Container
    key: str
    """Where the spec has it: `services.web.tasks.fluentd`."""
    limit: str
    """The key of its time limit; empty where the spec has none."""
    lasting: bool
    """It is not to end by itself."""


def reason(ended: Ended, group: Group, tail: Sequence[str] = ()) -> str:
    """Say in one sentence how the group ended, and what next; the engine's own words are quoted in one short line.

    `tail` has the last lines that were printed: they are looked at for what an exit code does not tell.
    """
    part = _part(ended, group)
    return f"{_named(part.container)}{_said(ended, part, tail)}"


def _said(ended: Ended, part: _Part, tail: Sequence[str]) -> str:
    match ended.fate:
        case Fate.EXITED:
            return _exited(ended, part, tail)
        case Fate.TIMED_OUT:
            return _timed_out(part)
        case Fate.OUT_OF_MEMORY:
            return f"out of memory at {memory(part.container.memory)}; raise {part.key}.resources.memory"
        case Fate.NOT_STARTED:
            return f"could not start: {_refusal(ended.detail, part)}"
        case Fate.UNHEALTHY:
            return _unhealthy(ended, part)
        case Fate.CANCELLED:
            return "cancelled for something newer"
        case _:
            assert_never(ended.fate)


def _part(ended: Ended, group: Group) -> _Part:
    key = f"{'jobs' if group.event else 'services'}.{group.name}"
    task = next((each for each in group.tasks if each.name == ended.task), None)
    if task is None:
        limit = f"{key}.on.{group.event}.max_duration" if group.event else ""
        return _Part(group, key, limit, lasting=group.event is None)
    key = f"{key}.tasks.{task.name}"
    lasting = task.sidecar or task.hook is None
    return _Part(task, key, "" if lasting else f"{key}.max_duration", lasting=lasting)


def _named(container: Container) -> str:
    if not isinstance(container, Task):
        return ""
    return f"its {container.hook or 'main'} {'sidecar' if container.sidecar else 'task'} {container.name}: "


def full(tail: Sequence[str]) -> str:
    """What to add to the reason of a failed build whose last lines tell of a full disk; empty where they do not."""
    return _told(tail, (_FULL,))


def memory(size: int) -> str:
    """`512 MiB`, `1.5 GiB`."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size} bytes"


def _exited(ended: Ended, part: _Part, tail: Sequence[str]) -> str:
    if ended.code is None and line(ended.detail):
        return f"it ended without an exit code: {_quoted(ended.detail)}"
    if ended.code is None:
        return "it ended, and the engine does not know its exit code; its last lines may say why"
    if ended.code == 0:
        return "exit code 0, but it must go on running" if part.lasting else "exit code 0"
    return f"exit code {ended.code}{_told(tail, _CLUES) or _meaning(ended.code, part)}"


def _told(tail: Sequence[str], clues: Sequence[tuple[str, str]]) -> str:
    printed = "\n".join(tail[-_READ:])
    return next((f"; {meaning}" for pattern, meaning in clues if re.search(pattern, printed, re.IGNORECASE)), "")


def _meaning(code: int, part: _Part) -> str:
    if known := _CODES.get(code):
        return f", usually {known.format(key=part.key)}"
    if 128 < code <= 128 + 64:
        return f", usually an end by signal {code - 128}"
    return "; its last lines say why"


def _timed_out(part: _Part) -> str:
    limit = part.container.max_duration
    if part.limit:
        return f"over its {limit} s; make it faster or raise {part.limit}"
    asked = f" to {_question(part.container.health)}" if part.container.health else ""
    return f"not up within {limit} s; check that it starts to listen and answers{asked}"


def _refusal(detail: str, part: _Part) -> str:
    said = line(detail)
    for pattern, meaning in _REFUSALS:
        if re.search(pattern, said, re.IGNORECASE):
            return meaning.format(what=_what(said), key=part.key, said=_quoted(detail))
    return _quoted(detail) if said else "the engine gave no reason; its own log may have one"


def _what(said: str) -> str:
    found = _QUOTED.search(said)
    return f"“{found[1] or found[2] or found[3]}”" if found else "its command"


def _unhealthy(ended: Ended, part: _Part) -> str:
    health = part.container.health
    answer = f", and its last answer was: {_quoted(ended.detail)}" if line(ended.detail) else ", and it never answered"
    asked = f"asked by {_question(health)}" if health else "asked whether it is up"
    within = f" within {part.container.max_duration} s" if part.lasting else ""
    return f"unhealthy{within} when {asked}{answer}; check {part.key}.health and what it prints"


def _question(probe: Probe) -> str:
    match probe.kind:
        case ProbeKind.HTTP:
            return f"GET {probe.path} on port {probe.port}"
        case ProbeKind.TCP:
            return f"a connection to port {probe.port}"
        case ProbeKind.EXEC:
            return f"the command {_quoted(' '.join(probe.command))}"
        case _:
            assert_never(probe.kind)


def _quoted(text: str) -> str:
    return bounded(line(text), 200)
