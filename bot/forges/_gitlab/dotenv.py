"""Variables for the jobs that follow, as GitLab takes them from a report: few, short, and changed by nobody."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST = 20
"""Variables; a GitLab of one's own takes no more unless told to."""
CAP = 5 * 1024 - 1
"""Bytes."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A variable that no following job gets."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dotenv:
    """The report's text, and what is not in it."""

    text: str = ""
    left_out: tuple[LeftOut, ...] = ()


def dotenv(variables: Iterable[tuple[str, str]]) -> Dotenv:
    """The report of these variables; the first ones come first where there is no room for all."""
    taken: dict[str, str] = {}
    left_out: list[LeftOut] = []
    size = 0
    for name, value in variables:
        row = f"{name}={value}\n"
        if why := _objection(name, value) or _too_much(name, taken, size + len(row.encode("utf-8", "replace"))):
            left_out.append(LeftOut(name=name, why=why))
        else:
            taken[name] = row
            size += len(row.encode())
    return Dotenv(text="".join(taken.values()), left_out=tuple(left_out))


def _objection(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        return "its name is none of a variable of GitLab's"
    if not value.isprintable():
        return "it has more than one line, or characters that cannot be seen"
    if value != value.strip():
        return "it begins or ends with a space, which GitLab takes off"
    return "it has a $, which GitLab's runner takes for a variable's" if "$" in value else ""


def _too_much(name: str, taken: dict[str, str], size: int) -> str:
    if name in taken:
        return "another output has the same name here"
    if len(taken) == MOST:
        return f"GitLab takes {MOST} variables"
    return f"GitLab takes {CAP} bytes of them in all" if size > CAP else ""
