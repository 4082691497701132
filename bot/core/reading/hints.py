"""What to say of a value of the wrong type: what stands there, what is wanted, and how to write it."""

import json
import re
import shlex
from collections.abc import Iterable

from bot.core.composing.variables import shown
from bot.core.model import Build, Declared, Health, Job, Outputs, Resources, Service, Task, Trigger
from bot.core.patterns import CPU, DURATION, FORMS, SIZE
from bot.core.reading.shape import Shape, shape_at
from bot.core.reading.yaml_marks import Listing, Path, Scalar, Table, Tree, resolved
from bot.core.units import seconds

_LONGEST = 200
_COMMANDS = ("entrypoint", "exec")
_ARGUMENTS = (*_COMMANDS, "args")
_UNITS = ("s", "Mi")
_MEANT = dict.fromkeys(("yes", "on", "y", "true"), "true") | dict.fromkeys(("no", "off", "n", "false"), "false")
_REFERENCE = re.compile(r"\$\{[^{}]*\}")
_SHELL = re.compile(r"[|&;<>()$`*?\n]")
_SHELLS = ("sh", "bash", "ash", "dash")
_CALLED = re.compile(rf"^(?:/\S*/)?(?:{'|'.join(_SHELLS)})\s+-c\s+")
_QUOTED = 3
"""How many words such a text has, where its script is quoted."""
_PLAIN = re.compile(r"-{0,2}[A-Za-z_./][A-Za-z0-9_./=@+-]*|-")
_ENTRIES = {
    "on": "{}",
    "declare": "{}",
    "volumes": "1Gi",
    "secrets": "generate",
    "services": "{image: postgres:16}",
    "jobs": "{image: busybox, on: {deploy: {}}}",
    "tasks": "{hook: prestart, image: busybox}",
    "files": '"its text"',
    "contexts": "its-folder",
}
"""What may stand after one key of these mappings."""


def other_type(tree: Tree, wishes: Iterable[str], path: Path) -> str:
    """Say what stands there and what is wanted instead, with the way to write it."""
    shape, wanted, found = shape_at(path), " or ".join(dict.fromkeys(wishes)), written(tree)
    if isinstance(tree, Scalar) and tree.value is None and tree.text in ("", "~"):
        return f"nothing is given here; {wanted} is wanted{_colon(_smallest(wanted, shape))}"
    if isinstance(tree, Scalar) and "a text" in wanted and not isinstance(tree.value, str):
        return _no_text(tree, shape)
    said = f"{found} stands here; {wanted} is wanted"
    if wanted == "a list":
        return f"{said}{_colon(_listed(tree, path))}"
    if wanted == "a mapping":
        return f"{said}{_colon(_mapped(tree, shape, path))}"
    if isinstance(tree, Scalar) and wanted == "a whole number":
        return _no_number(tree, said, path)
    if isinstance(tree, Scalar) and wanted == "true or false" and (meant := _MEANT.get(tree.text.lower())):
        return f"{said}: {meant}"
    return said


def written(tree: Tree) -> str:
    """What stands in the file, for a sentence."""
    match tree:
        case Table():
            return "a mapping"
        case Listing():
            return "a list"
        case Scalar(quoted=True):
            return f'"{shown(tree.text)}"'
        case Scalar():
            return shown(tree.text)


def _no_text(tree: Scalar, shape: Shape) -> str:
    found, pattern = written(tree), shape.pattern
    if not pattern or re.fullmatch(pattern, tree.text):
        return f'{found} is no text; quote it: "{found}"'
    form = FORMS[pattern]
    unit = next((unit for unit in _UNITS if re.fullmatch(pattern, tree.text + unit)), "")
    advice = f"write its unit too, like {tree.text}{unit}" if unit else form.advice
    return f"{'this' if form.hides else found} is no {form.noun}; {advice}"


def _no_number(tree: Scalar, said: str, path: Path) -> str:
    if tree.quoted and tree.text.isdecimal():
        return f"{written(tree)} is quoted, and so a text; a whole number is wanted: {shown(tree.text)}"
    if path[-1:] == ("max_duration",) and re.fullmatch(DURATION, tree.text):
        return f"{said}, of seconds: {seconds(tree.text):.0f}"
    return said


def _smallest(wanted: str, shape: Shape) -> str:
    if wanted == "a mapping" and shape.kind in (Service, Task):
        return "{image: postgres:16}"
    if wanted == "a mapping" and shape.kind is Job:
        return "{image: busybox, on: {deploy: {}}}"
    return {"a text": '""', "a list": "[]", "a mapping": "{}"}.get(wanted, "")


def _listed(tree: Tree, path: Path) -> str:
    if not isinstance(tree, Scalar):
        return ""
    key, text = path[-1] if path else "", tree.text
    if key not in _ARGUMENTS:
        return _flow(text.replace(",", " ").split() or [text])
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    if key in _COMMANDS and (not words or _SHELL.search(_REFERENCE.sub("", text))):
        words = _for_a_shell(text, words)
    return _flow(words or [text])


def _for_a_shell(text: str, words: list[str]) -> list[str]:
    """The words that let a shell read the text; a text that calls a shell by itself already has them."""
    called = _CALLED.match(text)
    if called is None:
        return ["sh", "-c", text]
    return words if len(words) == _QUOTED else [*called[0].split(), text[called.end() :]]


def _mapped(tree: Tree, shape: Shape, path: Path) -> str:
    words = _words(tree)
    if not words:
        return ""
    if shape.kind is not None:
        return _value(shape, words)
    key = path[-1] if path else ""
    if key in ("variables", "args"):
        pairs = (word.partition("=") for word in words)
        return _braced(f"{name}: {_word(value) if sign else 'its value'}" for name, sign, value in pairs)
    return _braced(f"{_word(word)}: {_ENTRIES[str(key)]}" for word in words) if key in _ENTRIES else ""


def _value(shape: Shape, words: list[str]) -> str:
    first = words[0]
    if shape.kind is Build:
        return _braced([f"root: {_word(first)}"])
    if shape.kind in (Service, Task, Job):
        return _braced([f"image: {_word(first)}"])
    if shape.kind is Trigger:
        return _braced([f"args: {_flow(words)}"])
    if shape.kind is Outputs:
        return _braced([f"declare: {_braced(f'{word}: {{}}' for word in words)}"])
    if shape.kind is Declared:
        return "{sensitive: true}"
    if shape.kind is Resources:
        limits = {"memory": SIZE, "cpu": CPU}
        return _braced(f"{key}: {first}" for key, pattern in limits.items() if re.fullmatch(pattern, first))
    if shape.kind is Health:
        return _braced([_probe(words)])
    return ""


def _probe(words: list[str]) -> str:
    if words[0].startswith("/") and len(words) == 1:
        return f"http: {_word(words[0])}"
    return f"tcp: {words[0]}" if words[0].isdecimal() else f"exec: {_flow(words)}"


def _words(tree: Tree) -> list[str]:
    match tree:
        case Scalar():
            return [tree.text] if tree.text else []
        case Listing(items=items):
            texts = [item.text for item in items if isinstance(item, Scalar)]
            return texts if len(texts) == len(items) else []
        case Table():
            return []


def _flow(words: Iterable[str]) -> str:
    return f"[{', '.join(map(_word, words))}]"


def _braced(pairs: Iterable[str]) -> str:
    return shown(f"{{{', '.join(pairs)}}}", longest=_LONGEST) if (pairs := tuple(pairs)) else ""


def _word(word: str) -> str:
    plain = _PLAIN.fullmatch(word) and isinstance(resolved(word), str)
    return word if plain else json.dumps(word, ensure_ascii=False)


def _colon(example: str) -> str:
    return f": {shown(example, longest=_LONGEST)}" if example else ""
