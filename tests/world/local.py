"""A real git repository in a folder, changed the way a person would."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.core.names import Sha

_PERSON = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


@dataclass(frozen=True, slots=True)
class Checkout:
    """One repository with its working tree."""

    path: Path

    def git(self, *args: str) -> str:
        """Run git in it."""
        done = subprocess.run(["git", *args], cwd=self.path, env=_PERSON, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, without telling git."""
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def commit(self, files: Mapping[str, str], *, branch: str = "main") -> Sha:
        """Commit files to a branch, which begins where the last commit was."""
        if self.git("branch", "--show-current") != branch:
            known = self.git("for-each-ref", f"refs/heads/{branch}")
            self.git("checkout", "--quiet", *(() if known else ("-b",)), branch)
        self.write(files)
        self.git("add", "--force", "--", *files)
        self.git("commit", "--quiet", "--message", f"Change {', '.join(files)}")
        return Sha(self.git("rev-parse", "HEAD"))


def checkout(path: Path) -> Checkout:
    """A new repository without a commit, on branch main."""
    path.mkdir(parents=True, exist_ok=True)
    made = Checkout(path)
    made.git("init", "--quiet", "--initial-branch", "main")
    return made


def fetched(url: str, sha: Sha, into: Path) -> Mapping[str, str]:
    """The files of a commit as anybody else's git gets them."""
    copy = checkout(into / sha)
    copy.git("fetch", "--quiet", "--depth=1", url, sha)
    names = copy.git("-c", "core.quotePath=false", "ls-tree", "-r", "--name-only", sha).splitlines()
    return {name: copy.git("show", f"{sha}:{name}") for name in names}
