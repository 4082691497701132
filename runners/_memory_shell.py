"""Follows a script without any process: the few programs that a preview's groups need to show what a runner does.

There are: `:` true false exit echo printf seq cat head id ln mkdir mkfifo sleep test exec wget httpd.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event

from runners._memory_disk import Disk, Odd
from runners._memory_script import Unclear, expand, read

Fetch = Callable[[str], bytes | None]
"""A URL → what the service there answers, None where nobody does; `LookupError` where it has no such page."""

_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "r": "\r"}
_ESCAPE = re.compile(r"\\([0-7]{1,3}|.)")


class Ends(Exception):
    """The script ends here."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What a script finds around it."""

    disk: Disk
    variables: Mapping[str, str]
    user: str
    out: Callable[[bytes], None]
    fetch: Fetch
    killed: Event
    served: dict[int, str] = field(default_factory=dict)
    """Port → folder, while an `httpd` runs."""

    def follow(self, script: str) -> int:
        """Follow the script to its end; its exit code."""
        code = 0
        try:
            for command in read(script):
                if command.only_after_success and code:
                    continue
                words = [expand(word, self.variables) for word in command.words]
                if command.file is None:
                    code = self.call(words, self.out)
                else:
                    code = self._redirected(words, expand(command.file, self.variables), appends=command.appends)
        except Unclear as error:
            self._say(str(error))
            return 2
        except Ends as end:
            return end.code
        return code

    def call(self, words: Sequence[str], out: Callable[[bytes], None]) -> int:
        """Run one program; its exit code."""
        program = PROGRAMS.get(words[0]) if words else None
        if program is None:
            self._say(f"sh: {words[0]}: not found")
            return 127
        return program(self, words[1:], out)

    def _redirected(self, words: Sequence[str], path: str, *, appends: bool) -> int:
        parts: list[bytes] = []
        code = self.call(words, parts.append)
        (self.disk.append if appends else self.disk.put)(path, b"".join(parts))
        return code

    def _say(self, line: str) -> None:
        self.out(f"{line}\n".encode())

    def exit(self, words: Sequence[str], out: Callable[[bytes], None]) -> int:
        """Give up with that code."""
        raise Ends(int(words[0]) if words else 0)

    def exec(self, words: Sequence[str], out: Callable[[bytes], None]) -> int:
        """Run a program in the place of the script."""
        raise Ends(self.call(words, out))

    def cat(self, words: Sequence[str], out: Callable[[bytes], None]) -> int:
        """Print files."""
        for path in words:
            found = self.disk.find(path)
            if not isinstance(found, bytes):
                self._say(f"cat: can't open '{path}': No such file or directory")
                return 1
            out(found)
        return 0

    def sleep(self, words: Sequence[str], out: Callable[[bytes], None]) -> int:
        """Wait, or be killed."""
        if self.killed.wait(float(words[0])):
            raise Ends(137)
        return 0

    def wget(self, words: Sequence[str], out: Callable[[bytes], None]) -> int:
        """Ask another service of the environment."""
        try:
            answer = self.fetch(words[-1])
        except LookupError:
            self._say("wget: server returned error: HTTP/1.1 404 Not Found")
            return 1
        if answer is None:
            self._say(f"wget: can't connect to {words[-1]}")
            return 1
        out(answer)
        return 0

    def httpd(self, words: Sequence[str], out: Callable[[bytes], None]) -> int:
        """Serve a folder until the end."""
        self.served[int(words[words.index("-p") + 1])] = words[words.index("-h") + 1]
        self.killed.wait()
        raise Ends(137)

    def lay(self, odd: Odd) -> Callable[[Sequence[str]], int]:
        """A program that lays something odd at its last argument."""

        def program(words: Sequence[str]) -> int:
            self.disk.put(words[-1], odd)
            return 0

        return program


Program = Callable[[Shell, Sequence[str], Callable[[bytes], None]], int]


def _printf(text: str) -> bytes:
    def one(found: re.Match[str]) -> str:
        return chr(int(found[1], 8)) if found[1].isdigit() else _ESCAPES.get(found[1], found[0])

    # Each octal escape is one byte, so the text goes out as it came but for those.
    return _ESCAPE.sub(one, text.encode().decode("latin-1")).encode("latin-1", "replace")


def _print(text: Callable[[Shell, Sequence[str]], bytes]) -> Program:
    def program(shell: Shell, words: Sequence[str], out: Callable[[bytes], None]) -> int:
        out(text(shell, words))
        return 0

    return program


def _test(shell: Shell, words: Sequence[str], out: Callable[[bytes], None]) -> int:
    return 0 if words[0] == "-e" and shell.disk.find(words[1]) is not None else 1


PROGRAMS: Mapping[str, Program] = {
    ":": lambda shell, words, out: 0,
    "true": lambda shell, words, out: 0,
    "false": lambda shell, words, out: 1,
    "exit": Shell.exit,
    "exec": Shell.exec,
    "echo": _print(lambda shell, words: (" ".join(words) + "\n").encode()),
    "printf": _print(lambda shell, words: _printf(words[0])),
    "seq": _print(lambda shell, words: b"".join(b"%d\n" % n for n in range(int(words[0]), int(words[1]) + 1))),
    "head": _print(lambda shell, words: bytes(int(words[1]))),
    "id": _print(lambda shell, words: f"{shell.user}\n".encode()),
    "cat": Shell.cat,
    "ln": lambda shell, words, out: shell.lay(Odd.LINK)(words),
    "mkdir": lambda shell, words, out: shell.lay(Odd.FOLDER)(words),
    "mkfifo": lambda shell, words, out: shell.lay(Odd.PIPE)(words),
    "sleep": Shell.sleep,
    "test": _test,
    "wget": Shell.wget,
    "httpd": Shell.httpd,
}
