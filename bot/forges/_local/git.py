"""What the local forge asks of git: branches of a repository, and a folder's files as a commit of ours."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from bot.core.errors import Misused, Unavailable
from bot.core.names import Sha

# Nothing that a repository or a machine configures may run, and nobody's name or clock gets into a snapshot's id.
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "safe.directory=*", "-c", "gc.auto=0")
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    **{f"GIT_{who}_NAME": "matinee" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "matinee@localhost" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_DATE": "1700000000 +0000" for who in ("AUTHOR", "COMMITTER")},
}


def top(path: Path) -> Path:
    """The repository that this folder is in."""
    inside = _asked(path, "rev-parse", "--is-bare-repository")
    if inside is None:
        raise Misused(f"{path} is in no git repository: name a folder that is, or run `git init` there")
    return Path(_told(path, "rev-parse", "--absolute-git-dir" if inside == "true" else "--show-toplevel"))


def branches(repository: Path) -> Mapping[str, Sha]:
    """Every branch and its newest commit."""
    lines = _told(repository, "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads/").splitlines()
    return {name: Sha(sha) for sha, _, name in (line.partition(" ") for line in lines)}


def merge_base(repository: Path, base: str, head: Sha) -> Sha:
    """The newest commit that both have; where they have none in common, the base branch's own."""
    branch = f"refs/heads/{base}"
    found = _asked(repository, "merge-base", "--end-of-options", branch, head)
    return Sha(found or _told(repository, "rev-parse", "--verify", "--end-of-options", branch))


def current(path: Path) -> str | None:
    """The branch that is checked out here; None outside of git, and where it is none."""
    return _asked(path, "symbolic-ref", "--quiet", "--short", "HEAD")


def snapshot(path: Path, store: Path, *, without: Path, name: str = "snapshot") -> Sha:
    """Keep a folder's files as the branch `name` of `store`, but for what git ignores and what lies in `without`."""
    if not (store / "HEAD").exists():
        _told(path, "init", "--quiet", "--bare", "--template=", "--", str(store))
    ours = (f"--git-dir={store}", f"--work-tree={path}")
    names = [name for name in _listed(path, ours) if without not in (path / name).parents]
    with tempfile.TemporaryDirectory(dir=store) as room, tempfile.TemporaryFile() as listing:
        listing.write(b"".join(os.fsencode(name) + b"\0" for name in names))
        listing.seek(0)
        index = f"{room}/index"
        _told(path, *ours, "update-index", "-z", "--add", "--remove", "--stdin", index=index, given=listing)
        tree = _told(path, *ours, "write-tree", index=index)
    commit = _told(path, *ours, "commit-tree", "-m", "The working tree", tree)
    _told(path, *ours, "update-ref", f"refs/heads/{name}", commit)
    return Sha(commit)


def _listed(path: Path, ours: tuple[str, ...]) -> Iterator[str]:
    """Name the files: as the folder's own git sees them, so that what is tracked counts even if it is ignored."""
    listing = ("ls-files", "-z", "--others", "--exclude-standard")
    names = _asked(path, *listing, "--cached") or _told(path, *ours, *listing)
    return (name for name in dict.fromkeys(names.split("\0")) if name and _in_place(path, Path(name)))


def _in_place(path: Path, name: Path) -> bool:
    """Whether this is a file still: not removed, not a repository of its own, not behind a link."""
    file = path / name
    return (file.is_symlink() or file.is_file()) and not any((path / above).is_symlink() for above in name.parents)


def _told(path: Path, *args: str, index: str = "", given: BinaryIO | None = None) -> str:
    status, out, err = _git(path, *args, index=index, given=given)
    if status:
        raise Unavailable(f"git failed in {path}: {'; '.join(err.splitlines()) or status}")
    return out


def _asked(path: Path, *args: str) -> str | None:
    status, out, _ = _git(path, *args)
    return None if status else out


def _git(path: Path, *args: str, index: str = "", given: BinaryIO | None = None) -> tuple[int, str, str]:
    if not path.is_dir():
        raise Misused(f"{path} is no folder: name one that is there")
    if shutil.which("git") is None:
        raise Unavailable("git cannot be found: install it, or put it on the PATH")
    from git.cmd import Git

    settings = {**_ENVIRONMENT, **({"GIT_INDEX_FILE": index} if index else {})}
    argv = [*_without_inherited(), *(f"{name}={value}" for name, value in settings.items()), "git", *_SAFE, *args]
    status, out, err = Git(path).execute(argv, istream=given, with_extended_output=True, with_exceptions=False)
    return int(status), str(out), str(err)


def _without_inherited() -> tuple[str, ...]:
    """Drop what a git hook that calls us has set for its own repository; GitPython can add to it, not take away."""
    inherited = [name for name in os.environ if name.startswith("GIT_") and name != "GIT_EXEC_PATH"]
    return ("env", *(part for name in inherited for part in ("-u", name)))
