"""Texts of compose files with what environment files say of their variables; what they do not say stays asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.core.importing.asked import BEGIN, DEEPEST, closings, lacking
from bot.core.reading.yaml_events import Stop, stray
from bot.core.reading.yaml_marks import Field, Listing, Mark, Scalar, Table, Tree

MOST_LETTERS = 2 * 2**20
Values = Mapping[str, str]
"""Variables as texts of compose: `$$` is a dollar, and what is secret stands as `${NAME}`."""


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """The variables of whoever runs one project; an included one has its own."""

    values: Values = field(default_factory=dict)


def given(text: str, values: Values, depth: int = 0) -> str:
    """The text with every variable that has a value, and the defaults of those that are known to be empty."""
    ends = closings(text)
    parts: list[str] = []
    at = 0
    while match := BEGIN.search(text, at):
        parts.append(text[at : match.start()])
        at = match.end()
        if match[0] == "$$":
            parts.append("$$")
        elif match[3]:
            parts.append(values.get(match[3], f"${{{match[3]}}}"))
        elif (end := ends.get(match.start(), -1)) < 0 or depth >= DEEPEST or (end > at and not match[2]):
            parts.append(f"${match[0]}")
        else:
            parts.append(_braced(match, text[at:end], values, depth + 1))
            at = end + 1
    parts.append(text[at:])
    return "".join(parts)


def _braced(match: re.Match[str], word: str, values: Values, depth: int) -> str:
    name, operator = match[1], match[2] or ""
    value = values.get(name)
    there = value is not None and (bool(value) or not operator.startswith(":"))
    if operator.endswith("+"):
        return given(word, values, depth) if there else ""
    if there and value is not None:
        return value
    if not operator.endswith("-"):
        return f"${{{name}}}"
    default = given(word, values, depth)
    kept = f"${{{name}{operator}{default}}}"
    return kept if value is None and closings(kept).get(0) == len(kept) - 1 and not lacking(default) else default


@dataclass(slots=True, kw_only=True)
class Interpolation:
    """Trees with their values filled in, and how much was written for that."""

    letters: int = field(default=0)

    def filled(self, tree: Tree, values: Values, file: str) -> Tree:
        """The tree, each of its places in this file."""
        match tree:
            case Scalar():
                return self._scalar(tree, values, file)
            case Listing(at=at, items=items):
                return Listing(at=_in(at, file), items=tuple(self.filled(each, values, file) for each in items))
            case Table(at=at, fields=fields):
                inner = {key: self._field(each, values, file) for key, each in fields.items()}
                return Table(at=_in(at, file), fields=inner)

    def text(self, text: str, values: Values, at: Mark) -> str:
        """One text; raises `Stop` where all of them together are too long."""
        made = given(text, values) if "$" in text else text
        self.letters += len(made)
        if self.letters > MOST_LETTERS:
            raise Stop(stray(at, f"written out, it is over {MOST_LETTERS // 2**20} MiB"))
        return made

    def _scalar(self, scalar: Scalar, values: Values, file: str) -> Scalar:
        at = _in(scalar.at, file)
        made = self.text(scalar.text, values, at)
        return replace(scalar, at=at, text=made, quoted=scalar.quoted or (not made and bool(scalar.text)))

    def _field(self, field: Field, values: Values, file: str) -> Field:
        key = replace(field.key, at=_in(field.key.at, file))
        return Field(key=key, value=self.filled(field.value, values, file), tag=field.tag)


def _in(at: Mark, file: str) -> Mark:
    return replace(at, file=file)
