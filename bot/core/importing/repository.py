"""What can be seen of a repository → its first spec: a compose file, else its Dockerfiles."""

import json
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from bot.core.importing import compose
from bot.core.importing.asked import escaped
from bot.core.importing.beside import Reader, Unread, nothing
from bot.core.importing.commented import Json
from bot.core.importing.draft import Draft, Imported, Unimportable
from bot.core.importing.known import answers_browsers
from bot.core.importing.left_out import left_out
from bot.core.reading.dockerfile import Instruction, instructions
from bot.core.reading.spec import FILE
from bot.core.reading.zero import Bare, bare

COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""In the order in which `docker compose` looks for them."""
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
"""What it takes over the first one, the first that is there."""
BESIDE = {"app.json": "heroku"}
"""Files that an importer reads, and its name."""
VENDORED = frozenset(
    ("node_modules", "vendor", "third_party", "bower_components", "site-packages", "venv", "testdata", "__pycache__")
)
_NEEDED = (
    "there is no Dockerfile here and no compose file, so that nothing says how to build it; "
    f"add a Dockerfile, or write a {FILE} that names images (docs/spec.md shows how)"
)
_PLAIN = ("Dockerfile", "Containerfile")
_NO_PORT = "set its port where it listens, and public: true for a URL; the Dockerfile exposes none"
_PUBLIC = "it gets a URL; take this out where only other services call it"
_TIMES = {"interval": "every", "timeout": "timeout", "start-period": "after"}
_WORKED_OUT = re.compile(r"[*?$\[<]|://")
_OPTION = re.compile(r"--([a-z-]+)=(\S+)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A repository: its name, the paths of its files, and the texts of those that say how it is built."""

    name: str
    paths: frozenset[str] = frozenset()
    dockerfiles: Mapping[str, str] = field(default_factory=dict)
    compose: Mapping[str, bytes] = field(default_factory=dict)


def is_dockerfile(path: str) -> bool:
    """Whether a file of this name is one."""
    name = posixpath.basename(path)
    return name in _PLAIN or name.startswith("Dockerfile.") or name.endswith(".Dockerfile")


def drafted(seen: Seen, reader: Reader = nothing) -> tuple[str, Imported | Unimportable]:
    """The file that the spec was made from (empty: the Dockerfiles), and the spec."""
    found = next((name for name in COMPOSE if name in seen.compose), "")
    if found:
        over = {name: seen.compose[name] for name in OVERRIDES if name in seen.compose}
        first = dict(islice(over.items(), 1))

        def read(path: str) -> bytes | Unread:
            return seen.dockerfiles[path].encode() if path in seen.dockerfiles else reader(path)

        return found, compose.read(seen.compose[found], path=found, over=first, reader=read)
    return "", _of_dockerfiles(seen)


def _of_dockerfiles(seen: Seen) -> Imported | Unimportable:
    if not seen.dockerfiles:
        return Unimportable(why=_NEEDED)
    draft = Draft(
        journal=[], head=("Made from the Dockerfiles. Limits are cpu 500m and memory 512Mi where none stand.",)
    )
    chosen = tuple(_chosen(seen.dockerfiles))
    for path in seen.dockerfiles.keys() - set(chosen):
        draft.journal.append(left_out(1, path, "it stands beside another one; name it as build.dockerfile to take it"))
    for path in chosen:
        _service(path, seen.dockerfiles[path], seen, draft, alone=len(chosen) == 1)
    return draft.finished()


def _chosen(paths: Iterable[str]) -> Iterator[str]:
    """Of one folder the plain one, else all of it."""
    folders: dict[str, list[str]] = {}
    for path in sorted(paths, key=lambda each: (each.count("/"), each)):
        folders.setdefault(posixpath.dirname(path), []).append(path)
    for inside in folders.values():
        plain = [path for path in inside if posixpath.basename(path) in _PLAIN]
        yield from plain[:1] or inside


def _service(path: str, text: str, seen: Seen, draft: Draft, *, alone: bool) -> None:
    name = draft.free_name(_name(path, seen.name, alone=alone))
    lines = instructions(text)
    root = _root(path, lines, seen.paths)
    file = posixpath.relpath(path, root)
    place = ("services", name)
    build = {} if root == "." else {"root": root}
    draft.put((*place, "build"), {**build, **({} if file == "Dockerfile" else {"dockerfile": file})})
    if port := _port(text):
        draft.put((*place, "port"), port)
        if answers_browsers(port):
            draft.flag((*place, "public"), None, remark=_PUBLIC)
    else:
        draft.remark(place, _NO_PORT)
    for each in lines:
        if each.keyword == "HEALTHCHECK":
            _health(each, draft, place)


def _name(path: str, repository: str, *, alone: bool) -> str:
    folder, name = posixpath.split(path)
    suffix = name.removeprefix("Dockerfile").removesuffix("Dockerfile").strip(".")
    return suffix or posixpath.basename(folder) or ("app" if alone else repository)


def _port(text: str) -> int:
    read = bare(text)
    return read.port if isinstance(read, Bare) else 0


def _root(path: str, lines: tuple[Instruction, ...], paths: frozenset[str]) -> str:
    """The folder that the Dockerfile copies from: its own, unless what it names is found at the top only."""
    folder = posixpath.dirname(path) or "."
    named = [source for line in lines if line.keyword in ("COPY", "ADD") for source in _sources(line.rest)]
    here = sum(_is_there(posixpath.normpath(posixpath.join(folder, source)), paths) for source in named)
    above = sum(_is_there(posixpath.normpath(source), paths) for source in named)
    return "." if above > here else folder


def _sources(rest: str) -> list[str]:
    if "--from=" in rest:
        return []
    try:
        words = json.loads(rest) if rest.startswith("[") else shlex.split(rest)
    except (ValueError, RecursionError):
        return []
    plain = [word for word in words if isinstance(word, str) and not word.startswith("--")][:-1]
    return [word.lstrip("/") for word in plain if word.strip("./") and not _WORKED_OUT.search(word)]


def _is_there(path: str, paths: frozenset[str]) -> bool:
    return path in paths or any(each.startswith(f"{path}/") for each in paths)


def _health(line: Instruction, draft: Draft, place: tuple[str, str]) -> None:
    """`HEALTHCHECK --interval=5s CMD …` as `health.exec`."""
    options = dict(_OPTION.findall(line.rest))
    keyword, _, command = _OPTION.sub("", line.rest).partition(" ")
    if keyword.upper() != "CMD" or not command.strip():
        return
    try:
        words = json.loads(command)
    except (ValueError, RecursionError):
        words = None
    listed = isinstance(words, list) and words and all(isinstance(each, str) for each in words)
    asked: list[Json] = [escaped(each) for each in words] if listed else ["sh", "-c", escaped(command.strip())]
    draft.put((*place, "health", "exec"), asked)
    for key in _TIMES.keys() & options.keys():
        draft.put((*place, "health", _TIMES[key]), options[key])
