"""Texts with `$` of compose files: variables of whoever runs it become variables and secrets of the preview."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.importing.draft import Draft
from bot.core.importing.entry import Entry
from bot.core.importing.known import made_here, secret

CHOOSE = "choose its value"
GENERATED = "made for each preview; take the line out to give it by `matinee secrets set`"
BEGIN = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(:?[-?+])?|\$([A-Za-z_][A-Za-z0-9_]*)")
_BRACES = re.compile(r"\$\$|\$\{|\}")
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A variable of whoever runs it, and what stands for it where there is none."""

    name: str
    default: str | None


def escaped(text: str) -> str:
    """A text that holds no references, as one of ours."""
    return re.sub(r"\$(?=[${])", "$$", text)


def parts(text: str, depth: int = 0) -> tuple[str | Asked, ...]:
    """Texts as they are and variables, in their order."""
    found: list[str | Asked] = []
    ends = closings(text)
    at = 0
    while match := BEGIN.search(text, at):
        found.append(text[at : match.start()])
        at = match.end()
        if match[0] == "$$":
            found.append("$")
        elif match[3]:
            found.append(Asked(match[3], None))
        else:
            at = _braced(text, match, ends.get(match.start(), -1), found, depth)
    found.append(text[at:])
    return tuple(_joined(found))


def _joined(found: list[str | Asked]) -> list[str | Asked]:
    """Texts that follow each other as one: a dollar and a brace may have met."""
    joined: list[str | Asked] = []
    for each in found:
        if isinstance(each, str) and joined and isinstance(last := joined[-1], str):
            joined[-1] = last + each
        else:
            joined.append(each)
    return joined


def _braced(text: str, match: re.Match[str], end: int, found: list[str | Asked], depth: int) -> int:
    operator, word = match[2] or "", text[match.end() : end]
    if end < 0 or depth >= DEEPEST or (word and not operator):
        found.append(match[0])
        return match.end()
    if operator.endswith("+"):
        return end + 1
    found.append(Asked(match[1], settled(word, depth + 1) if operator.endswith("-") else None))
    return end + 1


def closings(text: str) -> Mapping[int, int]:
    """Where each `${` begins, and where its brace is closed; without those that never are."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    for found in _BRACES.finditer(text):
        if found[0] == "${":
            opened.append(found.start())
        elif found[0] == "}" and opened:
            closed[opened.pop()] = found.start()
    return closed


def settled(text: str, depth: int = 0) -> str:
    """The text with every variable's default, or nothing where it has none."""
    return "".join(each if isinstance(each, str) else each.default or "" for each in parts(text, depth))


def lacking(text: str) -> str:
    """The first variable in the text that has no default; empty where there is none."""
    return next((each.name for each in parts(text) if isinstance(each, Asked) and each.default is None), "")


def fixed(entry: Entry) -> str | None:
    """A text where no reference may stand: with its defaults, else left out."""
    text = entry.text()
    if text is not None and (name := lacking(text)):
        entry.leave(f"it depends on {name}, which has no default and can be no variable here")
        return None
    return None if text is None else settled(text)


def referring(text: str, draft: Draft, entry: Entry) -> str:
    """A text where references may stand: variables become the preview's own."""
    return "".join(escaped(each) if isinstance(each, str) else reference(each, draft, entry) for each in parts(text))


def reference(asked: Asked, draft: Draft, entry: Entry) -> str:
    """What stands for a variable: a secret, a variable of the preview, or its default where that has another value."""
    name = asked.name
    if name in draft.held or (asked.default is None and secret(name)):
        return secret_reference(name, draft, entry)
    value = escaped(asked.default or "")
    if not draft.has("variables", name):
        draft.put(("variables", name), value, entry, remark=CHOOSE if asked.default is None else "")
    elif asked.default is not None and draft.at("variables", name) != value:
        return value
    return f"${{variables.{name}}}"


def secret_reference(name: str, draft: Draft, entry: Entry) -> str:
    """A secret, made here where any value will do."""
    if made_here(name) and not draft.has("secrets", name):
        draft.put(("secrets", name), "generate", entry, remark=GENERATED)
    return f"${{secrets.{name}}}"
