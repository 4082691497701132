"""One compose file over another, and a service over the one that it extends, by compose's own rules."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.core.composing.variables import shown
from bot.core.reading.yaml_events import Stop, stray
from bot.core.reading.yaml_marks import Field, Listing, Mark, Path, Scalar, Table, Tree, below

SERVICE: Path = ("services", "*")
_REPLACED = {("command",), ("entrypoint",), ("healthcheck", "test"), ("logging",), ("ulimits",)}
_BY_KEY = {
    *(("environment",), ("labels",), ("annotations",), ("sysctls",), ("extra_hosts",), ("deploy", "labels")),
    *(("build", "args"), ("build", "labels"), ("build", "additional_contexts"), ("build", "extra_hosts")),
}
"""Mappings that may be lists of `KEY=value`; a key without value is one that is passed on."""
_BY_NAME = {("depends_on",): "service_started", ("networks",): "", ("models",): ""}
"""Mappings that may be lists of names."""
_SEVERAL = {("env_file",), ("tmpfs",), ("dns",), ("dns_search",), ("dns_opt",), ("label_file",), ("profiles",)}
"""Lists that may be a single text."""
_PUBLISHED = re.compile(r"(?:(?P<ip>.*?):)?(?:(?P<published>[^:/]*):)?(?P<target>[^:/]+)(?:/(?P<protocol>.*))?")


def merged(base: Tree, over: Tree, path: Path = ()) -> Tree:
    """The second over the first; raises `Stop` where one is a list and the other a text or mapping."""
    inside = path[2:] if path[:2] == SERVICE else None
    if inside in _REPLACED:
        return over
    if inside in _BY_KEY:
        return _by_key(base, over)
    if _nothing(over):
        return base
    if _nothing(base):
        return kept(over)
    return _like(*_alike(base, over, inside), path)


def kept(tree: Tree) -> Tree:
    """The tree without what it says is to be reset."""
    match tree:
        case Table(at=at, fields=fields):
            left = {key: each for key, each in fields.items() if each.tag != "!reset"}
            return Table(at=at, fields={key: replace(each, value=kept(each.value)) for key, each in left.items()})
        case Listing(at=at, items=items):
            return Listing(at=at, items=tuple(kept(each) for each in items))
        case _:
            return tree


def told(at: Mark) -> str:
    """`common.yaml:7`."""
    return f"{shown(at.file)}:{at.line}" if at.file else f"line {at.line} of the first file"


def keyed(tree: Tree) -> Mapping[str, Field]:
    """`KEY: value`, or a list of `KEY=value`."""
    if isinstance(tree, Table):
        return tree.fields
    found: dict[str, Field] = {}
    for number, item in enumerate(tree.items if isinstance(tree, Listing) else ()):
        name, sign, text = item.text.partition("=") if isinstance(item, Scalar) else (f"[{number}]", "", "")
        key = Scalar(at=item.at, text=name, quoted=True, source=name)
        value = replace(item, text=text, quoted=bool(sign)) if isinstance(item, Scalar) else item
        found[name] = Field(key=key, value=value)
    return found


def _like(base: Tree, over: Tree, path: Path) -> Tree:
    match base, over:
        case Table(), Table():
            return Table(at=over.at, fields=_fields(base.fields, over.fields, path))
        case Listing(), Listing():
            return Listing(at=over.at, items=_items(base.items, over.items, path))
        case Scalar(), Scalar():
            return over
        case _:
            raise Stop(stray(over.at, f"this is of another kind than what it goes over, at {told(base.at)}"))


def _fields(base: Mapping[str, Field], over: Mapping[str, Field], path: Path) -> Mapping[str, Field]:
    result = dict(base)
    for key, each in over.items():
        inner = (*path, "*" if path == ("services",) else key)
        under = result.get(key)
        if each.tag == "!reset":
            result.pop(key, None)
        elif each.tag == "!override" or under is None:
            result[key] = replace(each, value=kept(each.value))
        else:
            result[key] = replace(each, value=merged(under.value, each.value, inner))
    return result


def _by_key(base: Tree, over: Tree) -> Tree:
    fields = {key: each for key, each in keyed(over).items() if each.tag != "!reset"}
    gone = {key for key, each in keyed(over).items() if each.tag == "!reset"}
    under = {key: each for key, each in keyed(base).items() if key not in gone}
    return Table(at=over.at, fields={**under, **fields})


def _items(base: tuple[Tree, ...], over: tuple[Tree, ...], path: Path) -> tuple[Tree, ...]:
    """All of both, each once; of what goes to one place the later, where the earlier was."""
    known = _UNIQUE.get(path[2:], _itself) if path[:2] == SERVICE else _itself
    result: dict[object, Tree] = {}
    for number, item in enumerate((*base, *over)):
        result[known(item) or number] = item
    return tuple(result.values())


def _alike(base: Tree, over: Tree, inside: Path | None) -> tuple[Tree, Tree]:
    """Both in their long form."""
    if inside == ("build",):
        return _context(base), _context(over)
    if inside in _BY_NAME:
        return _names(base, _BY_NAME[inside]), _names(over, _BY_NAME[inside])
    if inside in _SEVERAL:
        return _listed(base), _listed(over)
    return base, over


def _context(tree: Tree) -> Tree:
    return Table(at=tree.at, fields={"context": _field("context", tree)}) if isinstance(tree, Scalar) else tree


def _names(tree: Tree, condition: str) -> Tree:
    if not isinstance(tree, Listing):
        return tree
    named = [item for item in tree.items if isinstance(item, Scalar)]
    return Table(at=tree.at, fields={item.text: Field(key=item, value=_started(item, condition)) for item in named})


def _started(item: Scalar, condition: str) -> Tree:
    said = replace(item, text=condition, quoted=bool(condition))
    return Table(at=item.at, fields={"condition": _field("condition", said)}) if condition else said


def _listed(tree: Tree) -> Tree:
    return tree if isinstance(tree, Listing) else Listing(at=tree.at, items=(tree,))


def _field(key: str, value: Tree) -> Field:
    return Field(key=Scalar(at=value.at, text=key, quoted=True, source=key), value=value)


def _nothing(tree: Tree) -> bool:
    return isinstance(tree, Scalar) and tree.value is None


def _text(tree: Tree, *path: str) -> str:
    found = below(tree, *path)
    return found.text if isinstance(found, Scalar) else ""


def _itself(item: Tree) -> str:
    return _text(item)


def _port(item: Tree) -> object:
    if isinstance(item, Table):
        said = {key: _text(item, key) for key in ("host_ip", "published", "target", "protocol")}
    else:
        found = _PUBLISHED.fullmatch(_text(item))
        said = {key: found[name] or "" for key, name in _SHORT.items()} if found else {"target": _text(item)}
    place = (said.get("host_ip"), said.get("published"), said.get("target"), said.get("protocol") or "tcp")
    return place if said.get("target") else None


def _volume(item: Tree) -> str:
    first, sign, rest = _text(item).partition(":")
    return _text(item, "target") or (rest.partition(":")[0] if sign else first)


def _mount(item: Tree) -> str:
    return _text(item, "target") or _text(item, "source") or _text(item)


def _path(item: Tree) -> str:
    return _text(item, "path") or _text(item)


_SHORT = {"host_ip": "ip", "published": "published", "target": "target", "protocol": "protocol"}
_UNIQUE: Mapping[Path, Callable[[Tree], object]] = {
    ("ports",): _port,
    ("volumes",): _volume,
    ("devices",): _volume,
    ("secrets",): _mount,
    ("configs",): _mount,
    ("env_file",): _path,
}
"""What no two entries of a list have in common."""
