"""Follows a script without any process, and ends as it is told to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event

from runners._memory.disk import Disk, ReadOnly
from runners._memory.network import Network
from runners._memory.script import Command, Loop, Script, Statement, Unclear, expand, read

Out = Callable[[bytes], None]
_TERMINATED, _KILLED = 143, 137


class Ends(Exception):
    """The script ends here."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Told(Exception):
    """The script was told to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What a script finds around it."""

    programs: Mapping[str, "Program"]
    disk: Disk
    variables: Mapping[str, str]
    user: str
    out: Out
    network: Network
    asked: Event
    """Set once it is to end."""
    killed: Event
    """Set once it has to, whatever it would still do."""
    traps: list[str] = field(default_factory=list)

    def follow(self, script: str) -> int:
        """Follow the script to its end; its exit code."""
        try:
            return self._through(read(script))
        except Unclear as error:
            self.say(str(error))
            return 2
        except Ends as end:
            return end.code
        except Told:
            return self._last()

    def call(self, words: Sequence[str], out: Out) -> int:
        """Run one program; its exit code."""
        program = self.programs.get(words[0]) if words else None
        if program is None:
            self.say(f"sh: {words[0] if words else ''}: not found")
            return 127
        try:
            return program(self, words[1:], out)
        except ReadOnly as error:
            self.say(f"{words[0]}: {error}: Read-only file system")
            return 1

    def say(self, line: str) -> None:
        """Print what went wrong."""
        self.out(f"{line}\n".encode())

    def pause(self, seconds: float | None) -> None:
        """Wait, for ever where no time is given, unless told to end."""
        if self.asked.wait(seconds):
            raise Told

    def _through(self, script: Script) -> int:
        code = 0
        for statement in script:
            if statement.after == ("||" if code == 0 else "&&"):
                continue
            self.pause(0)
            code = self._done(statement)
        return code

    def _done(self, statement: Statement) -> int:
        match statement.act:
            case Command(words=words, file=None):
                return self.call(self._expanded(words), self.out)
            case Command(words=words, file=str(file), appends=appends):
                return self._redirected(self._expanded(words), expand(file, self.variables), appends=appends)
            case Loop() as loop:
                return self._looped(loop)
            case _:
                raise Unclear("sh: syntax error")

    def _looped(self, loop: Loop) -> int:
        code = 0
        while (self._through(loop.condition) == 0) is not loop.until:
            code = self._through(loop.body)
            self.pause(0.001)
        return code

    def _redirected(self, words: Sequence[str], path: str, *, appends: bool) -> int:
        parts: list[bytes] = []
        try:
            self.disk.append(path, b"") if appends else self.disk.put(path, b"")
            code = self.call(words, parts.append) if words else 0
            self.disk.append(path, b"".join(parts))
        except ReadOnly:
            self.say(f"sh: can't create {path}: Read-only file system")
            return 1
        return code

    def _expanded(self, words: Sequence[str]) -> list[str]:
        return [expand(word, self.variables) for word in words]

    def _last(self) -> int:
        """What the script does when it is told to end."""
        if self.killed.is_set():
            return _KILLED
        if not self.traps:
            return _TERMINATED
        return replace(self, asked=self.killed, traps=[]).follow(self.traps[-1])


Program = Callable[[Shell, Sequence[str], Out], int]
