"""Whether a deploy has to run a job again and why, and which files of the repository count."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from bot.core.deciding.difference import listed
from bot.core.group import Container, Group, Task
from bot.core.model import Rerun, Trigger
from bot.core.names import TOLD
from bot.core.standing import Placed


def needless(trigger: Trigger, placed: Placed | None, inputs: str) -> str:
    """Why the job need not run, in words; empty where it has to."""
    if placed is None or not placed.inputs:
        return ""
    match trigger.run:
        case Rerun.ONCE:
            return "it has succeeded once in this environment (run: once)"
        case Rerun.ON_CHANGE if placed.inputs == inputs:
            return "nothing that goes into it has changed (run: on-change)"
        case _:
            return ""


def ingredients(group: Group, files: Mapping[str, str]) -> Mapping[str, str]:
    """All that goes into a job's run but built-in variables, part by part, each as a fingerprint; never a value."""
    parts: dict[str, object] = {"image": group.image, "user": group.user}
    parts |= {"entrypoint": group.entrypoint, "args": group.args, "files of the repository": dict(files)}
    parts |= {f"variable {name}": value for name, value in _own(group).items()}
    parts |= {f"file {path}": text for path, text in group.files.items()}
    parts |= {f"task {task.name}": _of_task(task) for task in group.tasks}
    return {name: _digest(part)[:16] for name, part in parts.items()}


def fingerprint(parts: Mapping[str, str]) -> str:
    """One fingerprint of all parts."""
    return _digest(dict(parts))


def reason(trigger: Trigger, placed: Placed | None, parts: Mapping[str, str]) -> str:
    """Why a job that might have been left out runs, where it is known."""
    changed = differing(placed, parts) if trigger.run is Rerun.ON_CHANGE else ()
    return f"it ran for {listed(changed)}" if changed else ""


def differing(placed: Placed | None, parts: Mapping[str, str]) -> tuple[str, ...]:
    """What is another than at the last success, part by part, where that is known."""
    if placed is None or not placed.ingredients:
        return ()
    known = placed.ingredients
    return tuple(sorted(name for name in known.keys() | parts.keys() if known.get(name) != parts.get(name)))


def _own(container: Container) -> dict[str, str]:
    return {name: value for name, value in container.variables.items() if not name.startswith(TOLD)}


def _of_task(task: Task) -> list[object]:
    what = [task.image, task.user, task.entrypoint, task.args, dict(task.files), _own(task)]
    return [*what, str(task.hook), task.sidecar, task.required]


def _digest(part: object) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()


def counted(tree: Mapping[str, str], globs: Iterable[str]) -> Mapping[str, str]:
    """The files that one of the globs names, with what stands for their content."""
    return {path: tree[path] for path in chosen(tree, globs)}


def chosen(paths: Iterable[str], globs: Iterable[str]) -> tuple[str, ...]:
    """The paths that one of the globs names, sorted."""
    patterns = [_pattern(glob) for glob in globs]
    return tuple(sorted(path for path in paths if any(pattern.fullmatch(path) for pattern in patterns)))


@lru_cache(maxsize=1000)
def _pattern(glob: str) -> re.Pattern[str]:
    """`**` is any number of folders, `*` and `?` stay inside one name; a folder's name alone is all that is in it."""
    parts = [part for part in glob.strip("/").split("/") if part not in ("", ".")]
    *folders, last = parts or ["**"]
    before = "".join(_ANY_FOLDERS if part == "**" else f"{_name(part)}/" for part in folders)
    return re.compile(before + (".+" if last == "**" else f"{_name(last)}(?:/.*)?"), re.DOTALL)


_ANY_FOLDERS = "(?:[^/]+/)*"


def _name(part: str) -> str:
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character)) for character in part)
