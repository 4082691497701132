"""One repository with a single line of commits, also with links in it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from bot.core.names import Sha
from tests.world.bare import Bare

_AUTHOR = "ada"
_AT = 1_767_225_600


class History:
    """Each commit goes on top of the last; all have the same time, as an author may choose it."""

    def __init__(self, path: Path) -> None:
        self.bare = Bare(path)
        self.head: Sha | None = None

    @property
    def url(self) -> str:
        """For fetching from this machine."""
        return f"file://{self.bare.path}"

    def commit(self, files: Mapping[str, str | bytes | None], *, links: Mapping[str, str] | None = None) -> Sha:
        """Commit changed files, and links by their targets."""
        self.head = self.bare.commit("refs/heads/main", files, parent=self.head, author=_AUTHOR, at=_AT)
        if links:
            self.head = self._link(links)
        return self.head

    def _link(self, links: Mapping[str, str]) -> Sha:
        head = f"commit refs/heads/main\nmark :1\ncommitter {_AUTHOR} <{_AUTHOR}@example.org> {_AT} +0000\ndata 0\n"
        changes = [f"M 120000 inline {path}\ndata {len(target)}\n{target}\n" for path, target in links.items()]
        stream = f"{head}from {self.head}\n{''.join(changes)}get-mark :1\n".encode()
        command = ["git", "fast-import", "--quiet", "--force"]
        made = subprocess.run(command, cwd=self.bare.path, input=stream, capture_output=True, check=True)
        return Sha(made.stdout.decode().strip())
