"""Which paths may be named: inside the repository, and inside a container."""

import posixpath
from collections.abc import Iterable, Iterator

_RESERVED = "BUILDKIT_"
_LONGEST = 4096
_TAKEN = {
    "/proc": "is the kernel's",
    "/sys": "is the kernel's",
    "/dev": "is the kernel's",
    "/alloc": "is the folder that the containers of a group share already",
    "/qovery-output": "is where a job leaves its outputs",
}


def within(*parts: str) -> str | None:
    """Join the path from the repository's root (`.`); None where it leads outside or is no path."""
    if any(part.startswith("/") or not part.isprintable() for part in parts):
        return None
    path = posixpath.normpath(posixpath.join(".", *parts))
    return None if path == ".." or path.startswith("../") else path


def steers(argument: str) -> bool:
    """Whether a build argument of this name would tell the builder itself what to do."""
    return argument.upper().startswith(_RESERVED)


def unmountable(path: str) -> str:
    """Why nothing of the spec's can be mounted at this path of a container; empty where it can."""
    if len(path) > _LONGEST:
        return f"a path may have at most {_LONGEST} characters; use another one"
    if {".", ".."} & set(path.split("/")):
        return f"{path} goes through . or ..; write the folder that it leads to"
    taken = next((folder for folder in _TAKEN if _at_or_below(path, folder)), None)
    return f"{path} cannot be mounted, because {taken} {_TAKEN[taken]}; use another folder" if taken else ""


def unmatchable(patterns: object) -> Iterator[str]:
    """Why some of these patterns of files can match no file of the repository."""
    for pattern in patterns if isinstance(patterns, tuple) else ():
        if isinstance(pattern, str) and {".", ".."} & set(pattern.split("/")):
            yield f"{pattern} goes through . or .., and so matches no file; write it from the repository's root"


def crowded(folders: Iterable[str], files: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each file that is in the way of another mount, and why. A file inside a mounted folder is fine."""
    folders, files = tuple(folders), frozenset(files)
    yield from (
        (file, f"{file} is a volume already; a file needs a place of its own") for file in folders if file in files
    )
    for path in (*folders, *files):
        if file := next((above for above in _above(path) if above in files), ""):
            yield file, f"{file} is a file, so that {path} cannot be mounted below it"


def _above(path: str) -> Iterator[str]:
    """`/a/b/c` → `/a`, `/a/b`; nothing of a path that is too long anyway."""
    parts = path.split("/") if len(path) <= _LONGEST else []
    return ("/".join(parts[:end]) for end in range(2, len(parts)))


def _at_or_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
