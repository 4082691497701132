"""`${…}` in texts of HCL: what is known here is filled in, what may be one of ours becomes that, the rest is listed."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.core.importing.asked import CHOOSE, escaped, secret_reference
from bot.core.importing.draft import Draft
from bot.core.importing.entry import Entry
from bot.core.importing.known import secret
from bot.core.reading.yaml_marks import Listing, Scalar, Table, Tree, below

_TOKEN = re.compile(r"\$\$\{|%%\{|\$\{([^{}]*)\}|\$\{")
_INNER = re.compile(r"(?:var|local)\.([A-Za-z_][A-Za-z0-9_-]*)")
_DEEPEST = 8

Own = Callable[[str], str | None]
"""What an expression means to the system whose file it is, as a text of ours; None where it means nothing to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the file itself says that names stand for."""

    draft: Draft
    values: Mapping[str, Tree] = field(default_factory=dict)
    """`var.tag`, `local.image` → their values."""
    asked: frozenset[str] = frozenset()
    """Variables that whoever runs it has to give."""
    own: Own = lambda _: None
    plain: bool = False
    """Texts have no templates: the file is JSON."""

    def text(self, entry: Entry) -> str | None:
        """The text with references of ours; what cannot be known stays as it is written, and is listed."""
        text = self._plain(entry)
        return None if text is None else "".join(each or "" for each in self._parts(text, entry, fixed=False, depth=0))

    def fixed(self, entry: Entry) -> str | None:
        """A text where no reference may stand; None and listed where it has one that the file does not settle."""
        text = self._plain(entry)
        if text is None:
            return None
        found = list(self._parts(text, entry, fixed=True, depth=0))
        return None if None in found else "".join(each for each in found if each is not None)

    def texts(self, entry: Entry) -> list[str]:
        """The texts of a list, one for each item."""
        return [text for item in self.settled(entry).items() if (text := self.text(item)) is not None]

    def number(self, entry: Entry) -> int | None:
        """A whole number, also one that a variable gives."""
        text = self.fixed(entry)
        if text is not None and re.fullmatch(r"-?[0-9]{1,12}", text):
            return int(text)
        if text is not None:
            entry.leave(f"{text} is no whole number")
        return None

    def settled(self, entry: Entry) -> Entry:
        """What a lone `var.x` or `local.x` stands for, where that is no text: a list, a mapping."""
        tree, seen = entry.tree, 0
        while (
            isinstance(tree, Scalar)
            and (alone := re.fullmatch(r"\$\{((?:var|local)\.[\w-]+)\}", tree.text))
            and seen < _DEEPEST
        ):
            seen += 1
            if alone[1] not in self.values:
                break
            tree = self.values[alone[1]]
        entry.tree = tree
        return entry

    def _plain(self, entry: Entry) -> str | None:
        tree = self.settled(entry).tree
        if isinstance(tree, Listing | Table):
            entry.leave("a text is expected here")
            return None
        return tree.text

    def _parts(self, text: str, entry: Entry, *, fixed: bool, depth: int) -> Iterator[str | None]:
        at = 0
        for token in () if self.plain else _TOKEN.finditer(text):
            yield self._literal(text[at : token.start()], fixed=fixed)
            at = token.end()
            if token[0] in ("$${", "%%{"):
                yield self._literal(token[0][1:], fixed=fixed)
            elif token[1] is None:
                entry.leave("what stands in ${…} is worked out there; write its value")
                yield None if fixed else escaped("${")
            else:
                yield from self._expression(token[1].strip(), entry, fixed=fixed, depth=depth)
        yield self._literal(text[at:], fixed=fixed)

    def _literal(self, text: str, *, fixed: bool) -> str:
        return text if fixed else escaped(text)

    def _expression(self, name: str, entry: Entry, *, fixed: bool, depth: int) -> Iterator[str | None]:
        value = self._value(name)
        if isinstance(value, Scalar) and depth < _DEEPEST:
            yield from self._parts(value.text, entry, fixed=fixed, depth=depth + 1)
        elif (own := self.own(name)) is not None and not (fixed and "${" in own):
            yield own
        elif (known := _INNER.fullmatch(name)) and known[1] in self.asked and not fixed:
            yield self._asked(re.sub(r"\W", "_", known[1]), entry)
        else:
            entry.leave(f"what ${{{name}}} stands for is not known here; write its value")
            yield None if fixed else escaped(f"${{{name}}}")

    def _value(self, name: str) -> Tree | None:
        """Of `var.ports.http`, what is under `http` of the variable."""
        root, *path = re.findall(r"(?:^(?:var|local)\.)?[\w-]+", name) or [name]
        exact = ".".join((root, *path)) == name
        return below(self.values.get(root), *path) if exact else None

    def _asked(self, name: str, entry: Entry) -> str:
        if secret(name):
            return secret_reference(name, self.draft, entry)
        if not self.draft.has("variables", name):
            self.draft.put(("variables", name), "", entry, remark=CHOOSE)
        return f"${{variables.{name}}}"


def declared(top: Entry) -> tuple[dict[str, Tree], frozenset[str]]:
    """The values of `variable` defaults and `locals`, and the variables that have none."""
    values: dict[str, Tree] = {}
    asked: set[str] = set()
    for name, variable in labelled(top, "variable"):
        default = variable.take("default")
        variable.taken |= variable.fields.keys()
        if default:
            values[f"var.{name}"] = default.tree
        else:
            asked.add(name)
    for block in blocks(top, "locals"):
        values |= {f"local.{name}": each.tree for name, each in block.entries()}
    return values, frozenset(asked)


def blocks(entry: Entry, key: str) -> list[Entry]:
    """Blocks of this type without labels; a mapping that is given in their place is one too."""
    found = entry.take(key)
    return [each for each in found.items() if isinstance(each.tree, Table)] if found else []


def labelled(entry: Entry, key: str) -> Iterator[tuple[str, Entry]]:
    """Blocks of this type by their one label."""
    for block in blocks(entry, key):
        for name, inner in block.entries():
            yield name, Entry(tree=inner.tree, path=(*entry.path, key, name), line=block.line, journal=entry.journal)
