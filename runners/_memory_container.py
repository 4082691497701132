"""One container that is nowhere: a thread that follows its script, its lines, its end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Event, Thread

from bot.core.group import Ended, Fate, Group, NoOutput, Output, Unfit
from bot.core.wire import Log
from runners._memory_disk import Disk
from runners._memory_shell import PROGRAMS, Fetch, Shell

LIMIT = 2**20
OUTPUT = "/qovery-output/qovery-output.json"
NOWHERE = f"sha256:{'1' * 64}"
"""The one image that this runner never has."""


@dataclass(slots=True, kw_only=True)
class Container:
    """Begun once; whoever watches it gets every line from the first."""

    group: Group
    disk: Disk
    fetch: Fetch
    lines: list[str] = field(default_factory=list)
    code: int | None = None
    refused: str = ""
    served: dict[int, str] = field(default_factory=dict)
    killed: Event = field(default_factory=Event)
    changed: Condition = field(default_factory=Condition)
    _rest: bytes = b""

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.code is not None

    def begin(self) -> None:
        """Let it run, anew if it has ended."""
        self.code, self.served = None, {}
        self.refused = _refusal(self.group)
        if self.refused:
            self.code = 127
            return
        Thread(target=self._run, name=f"memory {self.group.name}", daemon=True).start()

    def kill(self) -> None:
        """End it now and wait until it has."""
        self.killed.set()
        with self.changed:
            self.changed.wait_for(lambda: self.over)

    def watch(self, log: Log, wanted: Callable[[], bool], timeout: float) -> bool:
        """Pass on its lines until it has ended; False where the time went by or nobody wanted it any more."""
        told = 0
        while True:
            with self.changed:
                self.changed.wait_for(partial(self._news, told), min(timeout, 0.02))
                news, over = self.lines[told:], self.over
            for line in news:
                log(line)
            told += len(news)
            if over and told == len(self.lines):
                return True
            timeout -= 0.02 if not news else 0
            if timeout <= 0 or not wanted():
                return False

    def _news(self, told: int) -> bool:
        return self.over or len(self.lines) > told

    def ask(self, script: tuple[str, ...]) -> tuple[int, str]:
        """Run a command inside; its exit code and what it printed."""
        said: list[bytes] = []
        code = self._shell(said.append).call(script, said.append)
        return code, b"".join(said).decode(errors="replace").strip()

    def ended(self) -> Ended:
        """How it ended by itself."""
        if self.refused:
            return Ended(fate=Fate.NOT_STARTED, detail=self.refused)
        output = self._output() if self.code == 0 and self.group.event else NoOutput()
        return Ended(fate=Fate.EXITED, code=self.code, output=output)

    def _run(self) -> None:
        command = (*(self.group.entrypoint or ()), *(self.group.args or ()))
        shell = self._shell(self._print)
        if command[:2] == ("sh", "-c"):
            code = shell.follow(command[2])
        elif command:
            code = shell.follow(" ".join(f"'{word}'" for word in command))
        else:
            code = self._idle()
        with self.changed:
            if self._rest:
                self.lines.append(self._rest.decode(errors="replace"))
                self._rest = b""
            self.code = 137 if self.killed.is_set() else code
            self.changed.notify_all()

    def _idle(self) -> int:
        """An image's own program, which nobody knows: a job's is done at once, a service's goes on."""
        if self.group.event is None:
            self.killed.wait()
        return 0

    def _shell(self, out: Callable[[bytes], None]) -> Shell:
        group = self.group
        return Shell(
            disk=self.disk,
            variables=group.variables,
            user=group.user or "0",
            out=out,
            fetch=self.fetch,
            killed=self.killed,
            served=self.served,
        )

    def _print(self, text: bytes) -> None:
        with self.changed:
            *whole, self._rest = (self._rest + text).split(b"\n")
            self.lines.extend(line.decode(errors="replace") for line in whole)
            self.changed.notify_all()

    def _output(self) -> Output:
        found = self.disk.find(OUTPUT)
        if found is None or found == b"":
            return NoOutput()
        if not isinstance(found, bytes):
            return Unfit(f"the output file is {found}, not a regular file")
        if len(found) > LIMIT:
            return Unfit(f"the output file has {len(found):,} bytes; at most {LIMIT:,} are read")
        return found


def _refusal(group: Group) -> str:
    if group.image == NOWHERE:
        return f"no such image: {group.image}"
    program = next(iter((*(group.entrypoint or ()), *(group.args or ()))), "sh")
    return "" if program in {"sh", *PROGRAMS} else f"{program}: no such file or directory"
