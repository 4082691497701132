"""Bare git repositories with real commits, made quickly."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.core.names import Sha

Files = Mapping[str, str | bytes | None]
"""Path to content; None takes the file away. What begins with `#!` is executable."""

_CONFIG = "[uploadpack]\n\tallowAnySHA1InWant = true\n\tallowFilter = true\n"


class Bare:
    """One bare repository."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        self._git("init", "--bare", "--quiet", "--initial-branch=main", ".")
        with (path / "config").open("a") as config:
            config.write(_CONFIG)

    def commit(self, ref: str, files: Files, *, parent: Sha | None, author: str, at: int) -> Sha:
        """Commit the changes on top of the parent and let the ref point there."""
        stream = b"".join(_commit(ref, files, parent, author, at))
        return Sha(self._git("fast-import", "--quiet", "--force", input=stream).strip())

    def point(self, ref: str, sha: Sha) -> None:
        """Let a ref point to a commit."""
        self._git("update-ref", ref, sha)

    def sha(self, ref: str) -> Sha | None:
        """What a ref points to; None where there is none."""
        return self._asked("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")

    def merge_base(self, one: str, other: str) -> Sha | None:
        """The commit from which two went their own ways."""
        return self._asked("merge-base", one, other)

    def move(self, path: Path) -> None:
        """Be somewhere else from now on."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = self.path.rename(path)

    def _asked(self, *args: str) -> Sha | None:
        try:
            return Sha(self._git(*args).strip())
        except subprocess.CalledProcessError:
            return None

    def _git(self, *args: str, input: bytes = b"") -> str:  # noqa: A002 - as subprocess calls it
        return subprocess.run(
            ["git", *args], cwd=self.path, input=input, capture_output=True, check=True
        ).stdout.decode()


def _commit(ref: str, files: Files, parent: Sha | None, author: str, at: int) -> Iterator[bytes]:
    message = f"Change {', '.join(files) or 'nothing'}".encode()
    yield f"commit {ref}\nmark :1\ncommitter {author} <{author}@example.org> {at} +0000\n".encode()
    yield b"data %d\n%s\n" % (len(message), message)
    if parent:
        yield f"from {parent}\n".encode()
    for path, content in files.items():
        if content is None:
            yield f"D {path}\n".encode()
        else:
            data = content.encode() if isinstance(content, str) else content
            mode = "100755" if data.startswith(b"#!") else "100644"
            yield f"M {mode} inline {path}\ndata {len(data)}\n".encode() + data + b"\n"
    yield b"get-mark :1\n"
