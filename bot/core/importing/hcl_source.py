"""HCL → the tree of its JSON form: a block is an item of a list under its type, its labels are keys.

A text keeps its templates: `${…}` as written, `$${` where a dollar is meant. An expression that is no literal is
the text `${…}` of itself.
"""

import re
import textwrap
from typing import TYPE_CHECKING

from bot.core.composing.variables import shown
from bot.core.reading.mistakes import Mistake
from bot.core.reading.yaml_events import TOP, decoded, stray
from bot.core.reading.yaml_marks import Field, Listing, Mark, Scalar, Table, Tree

if TYPE_CHECKING:
    from lark import Token
    from lark import Tree as Parsed

DEEPEST = 32
_HEREDOC = re.compile(r"<<-?[A-Za-z][A-Za-z0-9._-]*\r?\n(.*?)[ \t]*[A-Za-z][A-Za-z0-9._-]*\r?\n?", re.DOTALL)
_ESCAPED = re.compile(r"\\(n|r|t|\"|\\|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_UNFIT = re.compile("[\0\ud800-\udfff]")


def parse(file: bytes) -> Tree | Mistake:
    """Read one file; no bytes of any form raise."""
    text = decoded(file)
    if isinstance(text, Mistake):
        return text
    if text.mistakes:
        return text.mistakes[0]
    if deep := _too_deep(text.whole):
        return deep
    from hcl2 import parses_to_tree
    from lark.exceptions import LarkError, UnexpectedInput

    try:
        return _Reading(text.whole + "\n").body(parses_to_tree(text.whole).children[0])
    except UnexpectedInput as error:
        at = Mark(max(error.line, 1), max(error.column, 1))
        token = getattr(error, "token", None)
        said = f"; {shown(token.strip() or 'the end of a line')} is not expected here" if token is not None else ""
        return stray(at, f"this is no HCL{said}")
    except (LarkError, RecursionError):
        return stray(TOP, "this is no HCL that can be read")


def _too_deep(text: str) -> Mistake | None:
    """Brackets of any kind, those in texts too: nothing that people write comes near."""
    depth = 0
    for found in re.finditer(r"[(\[{]|[)\]}]", text):
        depth = depth + 1 if found[0] in "([{" else max(depth - 1, 0)
        if depth > DEEPEST:
            line = text.count("\n", 0, found.start()) + 1
            return stray(Mark(line, 1), f"nested more than {DEEPEST} deep")
    return None


class _Reading:
    """A parsed file and the text that it was."""

    def __init__(self, text: str) -> None:
        self._text = text

    def body(self, body: "Parsed[Token]") -> Table:
        found: dict[str, Field] = {}
        blocks: dict[str, list[Tree]] = {}
        for child in _trees(body):
            if child.data not in ("attribute", "block"):
                continue
            inner = _trees(child)
            key = self._name(inner[0])
            if child.data == "attribute":
                found[key.text] = Field(key=key, value=self._value(inner[1]))
            else:
                all_of_it = blocks.setdefault(key.text, [])
                all_of_it.append(self._block(child))
                first = found[key.text].key if key.text in found else key
                found[key.text] = Field(key=first, value=Listing(at=first.at, items=tuple(all_of_it)))
        return Table(at=self._at(body), fields=found)

    def _block(self, block: "Parsed[Token]") -> Table:
        _, *names = (each for each in _trees(block) if each.data not in ("body", "new_line_or_comment"))
        inner = self.body(next(each for each in _trees(block) if each.data == "body"))
        made = Table(at=self._at(block), fields=inner.fields)
        for name in reversed(names):
            key = self._name(name)
            made = Table(at=self._at(block), fields={key.text: Field(key=key, value=made)})
        return made

    def _name(self, name: "Parsed[Token]") -> Scalar:
        text = self._source(name)
        return Scalar(
            at=self._at(name), text=_unescaped(text[1:-1]) if text[:1] == '"' else text, quoted=True, source=""
        )

    def _value(self, term: "Parsed[Token]") -> Tree:
        inner = list(_trees(term))
        one = inner[0] if term.data == "expr_term" and len(inner) == 1 else term
        at, source = self._at(term), self._source(one)
        match one.data:
            case "string":
                return Scalar(at=at, text="".join(map(self._part, _trees(one))), quoted=True, source=source)
            case "heredoc_template" | "heredoc_template_trim":
                return Scalar(at=at, text=_heredoc(source, trim=one.data.endswith("trim")), quoted=True, source=source)
            case "int_lit" | "float_lit" | "literal_value":
                return Scalar(at=at, text=source, quoted=False, source=source)
            case "tuple":
                items = (each for each in _trees(one) if each.data != "new_line_or_comment")
                return Listing(at=at, items=tuple(map(self._value, items)))
            case "object":
                return self._object(one)
            case _:
                return Scalar(at=at, text=f"${{{source.strip()}}}", quoted=True, source=source)

    def _object(self, tree: "Parsed[Token]") -> Table:
        found = {}
        for each in _trees(tree):
            if each.data == "object_elem":
                parts = list(_trees(each))
                key = self._name(parts[0])
                found[key.text] = Field(key=key, value=self._value(parts[1]))
        return Table(at=self._at(tree), fields=found)

    def _part(self, part: "Parsed[Token]") -> str:
        token, source = part.children[0], self._source(part)
        return _unescaped(source) if getattr(token, "type", "") == "STRING_CHARS" else source

    def _source(self, tree: "Parsed[Token]") -> str:
        return self._text[tree.meta.start_pos : tree.meta.end_pos] if not tree.meta.empty else ""

    def _at(self, tree: "Parsed[Token]") -> Mark:
        return TOP if tree.meta.empty else Mark(tree.meta.line, tree.meta.column)


def _trees(tree: "Parsed[Token]") -> list["Parsed[Token]"]:
    from lark import Tree as Parsed

    return [each for each in tree.children if isinstance(each, Parsed)]


def _heredoc(source: str, *, trim: bool) -> str:
    found = _HEREDOC.fullmatch(source)
    text = found[1].replace("\r\n", "\n") if found else source
    return textwrap.dedent(text) if trim else text


def _unescaped(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        if simple := _SIMPLE.get(found[1]):
            return simple
        number = int(found[1][1:], 16)
        return chr(number) if number <= 0x10FFFF else found[0]

    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", _ESCAPED.sub(one, text))
