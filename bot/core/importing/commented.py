"""A spec's document as YAML for people, with a comment where something has to be chosen."""

import json
import re
from collections.abc import Mapping

from bot.core.reading.yaml_marks import Path, resolved

Json = bool | int | str | list["Json"] | dict[str, "Json"]

_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./@:+-]*[A-Za-z0-9_/]|[A-Za-z_./]|[0-9]+[A-Za-z]+")
_ODD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_LINES = re.compile(r"[ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\n]+")
_TRUTHS = ("yes", "no", "on", "off", "y", "n")
"""Texts here, and truth values where YAML is older."""
_WIDEST = 110
_FLOW = 76


def written(document: Mapping[str, Json], remarks: Mapping[Path, str], head: tuple[str, ...] = ()) -> str:
    """The whole file; remarks stand at the end of their key's line, long ones above it."""
    lines = [f"# {_one_line(line)}" for line in head]
    for key, value in document.items():
        if isinstance(value, dict) and lines:
            lines.append("")
        lines += _field(key, value, (key,), remarks, "")
    return "\n".join(lines) + "\n"


def _field(key: str, value: Json, path: Path, remarks: Mapping[Path, str], indent: str) -> list[str]:
    first, below = _value(value, path, remarks, indent + "  ")
    head = f"{indent}{_key(key)}:{f' {first}' if first else ''}"
    remark = _one_line(remarks.get(path, ""))
    if not remark:
        return [head, *below]
    whole = f"{head}  # {remark}"
    return [whole, *below] if len(whole) <= _WIDEST else [f"{indent}# {remark}", head, *below]


def _value(value: Json, path: Path, remarks: Mapping[Path, str], indent: str) -> tuple[str, list[str]]:
    """What stands on the key's own line, and the lines below it."""
    if isinstance(value, str) and _readable(value):
        body = value.removesuffix("\n")
        return "|" if value.endswith("\n") else "|-", [f"{indent}{line}" if line else "" for line in body.split("\n")]
    if not isinstance(value, dict | list):
        return _scalar(value), []
    bare = not any(known[: len(path)] == path and len(known) > len(path) for known in remarks)
    flow = _flow(value) if bare else ""
    if flow and len(flow) + len(indent) <= _FLOW:
        return flow, []
    if isinstance(value, dict):
        return "", [line for key, each in value.items() for line in _field(key, each, (*path, key), remarks, indent)]
    lines = []
    for index, each in enumerate(value):
        first, below = _value(each, (*path, index), remarks, indent + "  ")
        lines += [f"{indent}- {first}", *below]
    return "", lines


def _flow(value: Json) -> str:
    """On one line; empty where that would be hard to read."""
    if isinstance(value, list):
        ok = not any(isinstance(each, dict | list) or _readable(each) for each in value)
        return f"[{', '.join(_scalar(each, flow=True) for each in value)}]" if ok else ""
    if not isinstance(value, dict):
        return _scalar(value, flow=True)
    if not value:
        return "{}"
    fits = len(value) <= 4 and not any((isinstance(each, dict) and each) or _readable(each) for each in value.values())
    parts = (
        {(key if key in _TRUTHS else _scalar(key, flow=True)): _flow(each) for key, each in value.items()}
        if fits
        else {}
    )
    return f"{{{', '.join(f'{key}: {part}' for key, part in parts.items())}}}" if parts and all(parts.values()) else ""


def _readable(value: Json) -> bool:
    """Whether a text of several lines can stand as it is."""
    if not isinstance(value, str) or "\n" not in value.removesuffix("\n") or not _LINES.fullmatch(value):
        return False
    return value[0] not in " \n" and not value.endswith("\n\n")


def _key(key: str, *, flow: bool = False) -> str:
    """`on` is one, and read as one."""
    return key if key in _TRUTHS else _scalar(key, flow=flow)


def _scalar(value: Json, *, flow: bool = False) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    odd = value.lower() in _TRUTHS or (flow and ":" in value)
    if _PLAIN.fullmatch(value) and isinstance(resolved(value), str) and not odd:
        return value
    return _ODD.sub(lambda odd: f"\\u{ord(odd[0]):04x}", json.dumps(value, ensure_ascii=False))


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
