"""What a build is made of: its places in the repository, and one key for all that decides its result."""

import hashlib
import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from bot.core.model import Build
from bot.core.places import steers
from bot.core.places import within as within
from builders.base import Commit, Unbuilt

FORMAT = "1"
"""Goes into every key; it changes with whatever else a build's result depends on: labels, front end, flags."""

TRUSTED, FORKS = "trusted", "forks"
"""The trust classes."""

_TREE = "040000"
_UNFOLLOWED = {"120000": "symbolic link", "160000": "submodule"}
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A build whose places were found in a commit. Paths are the repository's."""

    key: str
    root: str
    dockerfile: str
    ignore: str | None
    """The Dockerfile's own ignore file, where there is one; it wins over the root's."""
    contexts: Mapping[str, str]
    """Further contexts: name → folder."""


def content(commit: Commit, build: Build, *, trust: str) -> Content | Unbuilt:
    """Find the build's places, and its key; or say what is wrong with them."""
    root, dockerfile = within(build.root), within(build.root, build.dockerfile)
    if root is None:
        return Unbuilt(why=f"root {build.root!r} leads out of the repository; name a folder inside it")
    if dockerfile is None:
        why = f"dockerfile {build.dockerfile!r} leads out of the repository from root {root!r}; name a file inside it"
        return Unbuilt(why=why)
    if reserved := sorted(filter(steers, build.args)):
        return Unbuilt(why=f"build argument {reserved[0]} would steer the builder itself; give it another name")
    contexts = {name: within(folder) for name, folder in build.contexts.items()}
    if outside := next((name for name, folder in contexts.items() if folder is None), None):
        return Unbuilt(why=f"context {outside} leads out of the repository; name a folder inside it")
    further = {name: folder for name, folder in contexts.items() if folder is not None}
    own, shared = _ignores(root, dockerfile)
    places = (
        *_steps(root),
        *_steps(dockerfile),
        own,
        shared,
        *(step for each in further.values() for step in _steps(each)),
    )
    found = commit.identities(tuple(dict.fromkeys(places)))
    if why := _wrong(commit, found, root, dockerfile) or _no_context(commit, found, further):
        return Unbuilt(why=why, file=dockerfile)
    parts: dict[str, object] = {"root": found[root], "dockerfile": found[dockerfile], "ignore": found[own]}
    # Only where there are any: what was built before keeps its key.
    parts |= {f"context {name}": found[folder] for name, folder in further.items()}
    parts |= {"secrets": sorted(build.secrets)} if build.secrets else {}
    return Content(
        key=_key(build, {**parts, "repository": commit.repository, "trust": trust}),
        root=root,
        dockerfile=dockerfile,
        ignore=own if found[own] is not None else None,
        contexts=further,
    )


def _steps(path: str) -> tuple[str, ...]:
    """Every folder on the way, then the path itself: `a/b` → `a`, `a/b`."""
    names = path.split("/")
    return tuple("/".join(names[: end + 1]) for end in range(len(names)))


def _ignores(root: str, dockerfile: str) -> tuple[str, str]:
    return f"{dockerfile}.dockerignore", posixpath.normpath(posixpath.join(root, ".dockerignore"))


def _wrong(commit: Commit, found: Mapping[str, tuple[str, str] | None], root: str, dockerfile: str) -> str:
    modes = {path: entry[0] for path, entry in found.items() if entry is not None}
    for path in (*_steps(root), *_steps(dockerfile), *_ignores(root, dockerfile)):
        if modes.get(path) in _UNFOLLOWED:
            return f"{path} is a {_UNFOLLOWED[modes[path]]}, which is not followed; put the files themselves there"
    if modes.get(root) != _TREE:
        return f"there is no folder {root} in commit {commit.sha[:7]}{_instead(commit, dockerfile)}"
    if modes.get(dockerfile) is None:
        return f"there is no {dockerfile} in commit {commit.sha[:7]}{_instead(commit, dockerfile)}"
    if modes[dockerfile] == _TREE:
        return f"{dockerfile} is a folder, not a Dockerfile{_instead(commit, dockerfile)}"
    return ""


def _no_context(commit: Commit, found: Mapping[str, tuple[str, str] | None], contexts: Mapping[str, str]) -> str:
    for name, folder in contexts.items():
        modes = [entry[0] for step in _steps(folder) if (entry := found[step]) is not None]
        if unfollowed := next((mode for mode in modes if mode in _UNFOLLOWED), None):
            return f"context {name}: {folder} is or is behind a {_UNFOLLOWED[unfollowed]}, which is not followed"
        if (found[folder] or ("", ""))[0] != _TREE:
            return f"context {name}: there is no folder {folder} in commit {commit.sha[:7]}"
    return ""


def _instead(commit: Commit, dockerfile: str) -> str:
    """What there is, the likeliest first."""
    name = posixpath.basename(dockerfile)
    there = list(dict.fromkeys((*commit.files(name), *commit.files("Dockerfile"))))
    if not there:
        return ", nor any Dockerfile; add one, or name an image"
    near = get_close_matches(dockerfile, there, n=1, cutoff=0.6)
    question = f"; did you mean {near[0]}?" if near else ""
    return f"; there is {', '.join(there[:_SHOWN])}{question}"


def _key(build: Build, parts: Mapping[str, object]) -> str:
    chosen = build.model_dump(include={"args", "target", "platform"})
    text = json.dumps({"format": FORMAT, **parts, **chosen}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
