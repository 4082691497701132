"""How a container ended, in words: what happened, and what to do about it."""

import re
from typing import assert_never

from bot.core.group import Ended, Fate, Group, Probe, ProbeKind, Unfit
from bot.core.markdown import bounded, line

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
_REFUSALS = (
    (r"executable file not found|no such file or directory", "{what} is not in the image; check entrypoint and args"),
    (r"permission denied", "{what} may not be executed; give it the executable bit in the image"),
    (r"exec format error", "{what} is built for another processor, or is a script without a #! line"),
    (r"is a directory", "{what} is a folder; check entrypoint and args"),
    (r"no such image|manifest unknown|pull access denied|image .*not found", "its image was not found; check its name"),
    (
        r"port is already allocated|address already in use|ports are not available",
        "its port is taken on this machine; free it, then deploy again",
    ),
    (r"no space left on device", "no space is left on the engine's disk; free some, then deploy again"),
    (
        r"unable to find (?:user|group)|no matching entries in (?:passwd|group) file",
        "its user is not in the image; check {key}.user",
    ),
    (r"no command specified", "the image names no command; give {key} an entrypoint or args"),
    (r"minimum memory limit|memory limit", "its memory limit does not do; raise {key}.resources.memory"),
)
_QUOTED = re.compile(r'exec: \\?"([^"\\]{1,100})\\?"|(?:stat|fork/exec|exec) (/[^\s:"]{1,100}):')


def reason(ended: Ended, group: Group) -> str:
    """Say in one sentence how the group ended, and what next; the engine's own words are quoted in one short line."""
    match ended.fate:
        case Fate.EXITED:
            return _exited(ended, group)
        case Fate.TIMED_OUT:
            return _timed_out(group)
        case Fate.OUT_OF_MEMORY:
            return f"out of memory at {memory(group.memory)}; raise {_key(group)}.resources.memory"
        case Fate.NOT_STARTED:
            return f"could not start: {_refusal(ended.detail, group)}"
        case Fate.UNHEALTHY:
            return _unhealthy(ended, group)
        case Fate.CANCELLED:
            return "cancelled for something newer"
        case _:
            assert_never(ended.fate)


def memory(size: int) -> str:
    """`512 MiB`, `1.5 GiB`."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size} bytes"


def _exited(ended: Ended, group: Group) -> str:
    if isinstance(ended.output, Unfit):
        return f"its output file cannot be used: {_quoted(ended.output.why)}"
    if ended.code is None:
        return "it ended, and the engine does not know its exit code; its last lines may say why"
    if ended.code == 0:
        return "exit code 0" if group.event else "exit code 0, but a service must go on running"
    return f"exit code {ended.code}{_meaning(ended.code, group)}"


def _meaning(code: int, group: Group) -> str:
    if known := _CODES.get(code):
        return f", usually {known.format(key=_key(group))}"
    if 128 < code <= 128 + 64:
        return f", usually an end by signal {code - 128}"
    return "; its last lines say why"


def _timed_out(group: Group) -> str:
    if group.event:
        key = f"jobs.{group.name}.on.{group.event}.max_duration"
        return f"over its {group.max_duration} s; make it faster or raise {key}"
    asked = f" to {_question(group.health)}" if group.health else ""
    return f"not up within {group.max_duration} s; check that it starts to listen and answers{asked}"


def _refusal(detail: str, group: Group) -> str:
    said = line(detail)
    for pattern, meaning in _REFUSALS:
        if re.search(pattern, said, re.IGNORECASE):
            return meaning.format(what=_what(said), key=_key(group))
    return _quoted(detail) if said else "the engine gave no reason; its own log may have one"


def _what(said: str) -> str:
    found = _QUOTED.search(said)
    return f"“{found[1] or found[2]}”" if found else "its command"


def _unhealthy(ended: Ended, group: Group) -> str:
    answer = f", and its last answer was: {_quoted(ended.detail)}" if line(ended.detail) else ", and it never answered"
    asked = f"asked by {_question(group.health)}" if group.health else "asked whether it is up"
    return f"unhealthy when {asked}{answer}; check {_key(group)}.health and what the service prints"


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


def _key(group: Group) -> str:
    return f"{'jobs' if group.event else 'services'}.{group.name}"
