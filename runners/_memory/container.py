"""One container that is nowhere: a thread that follows its script, its lines, its end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Event, Thread

from bot.core import group as core
from bot.core.group import Ended, Fate
from bot.core.wire import Log
from runners._memory.disk import Disk
from runners._memory.network import Network
from runners._memory.programs import PROGRAMS
from runners._memory.shell import Shell

NOWHERE = f"sha256:{'1' * 64}"
"""The one image that this runner never has."""
_PATIENCE = 10.0
_PAUSE = 0.02


@dataclass(slots=True, kw_only=True)
class Container:
    """Begun as often as it may fail; kept running for ever where it is told so."""

    one: core.Container
    lasts: bool
    """It is not to end by itself: so goes an image's own program, that nobody knows."""
    disk: Disk
    network: Network
    log: Log
    refused: str = ""
    code: int | None = None
    _kept: bool = False
    _rest: bytes = b""
    _asked: Event = field(default_factory=Event)
    _killed: Event = field(default_factory=Event)
    _changed: Condition = field(default_factory=Condition)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.code is not None

    @property
    def unknown(self) -> bool:
        """Whether its program is the image's own."""
        return not self._command or (self.one.entrypoint is None and self._command[0] not in ("sh", *PROGRAMS))

    def begin(self) -> None:
        """Let it run, anew if it has ended."""
        self.code, self.refused = None, self._refusal()
        if self.refused:
            self.code = 127
            return
        Thread(target=self._run, name=f"memory {self.one.name}", daemon=True).start()

    def keep(self) -> None:
        """Let it run anew whenever it ends, from now on."""
        with self._changed:
            self._kept = True
            again = self.over and not self.refused and not self._asked.is_set()
        if again:
            self.begin()

    def stop(self) -> None:
        """Ask it to end, insist after a while, and wait until it has."""
        self._asked.set()
        if not self.wait(_PATIENCE):
            self.kill()

    def kill(self) -> None:
        """End it now and wait until it has."""
        self._killed.set()
        self._asked.set()
        self.wait(None)

    def wait(self, seconds: float | None) -> bool:
        """Wait until it has ended, that long at most; whether it has."""
        with self._changed:
            return self._changed.wait_for(lambda: self.over, seconds)

    def ask(self, script: tuple[str, ...]) -> tuple[int, str]:
        """Run a command inside; its exit code and what it printed."""
        said: list[bytes] = []
        code = self._shell(said.append).call(script, said.append)
        return code, b"".join(said).decode(errors="replace").strip()

    def ended(self) -> Ended:
        """How it ended by itself."""
        if self.refused:
            return Ended(fate=Fate.NOT_STARTED, detail=self.refused)
        return Ended(fate=Fate.EXITED, code=self.code)

    @property
    def _command(self) -> tuple[str, ...]:
        return (*(self.one.entrypoint or ()), *(self.one.args or ()))

    def _run(self) -> None:
        while True:
            code = self._followed()
            self.network.close(self.disk)
            with self._changed:
                if self._rest:
                    self._print(b"\n")
                if not self._kept or self._asked.is_set():
                    self.code = code
                    self._changed.notify_all()
                    return
            self._asked.wait(_PAUSE)

    def _followed(self) -> int:
        command, shell = self._command, self._shell(self._print)
        if self.unknown:
            return self._idle()
        if command[:2] == ("sh", "-c"):
            return shell.follow(command[2])
        return shell.follow(" ".join(f"'{word}'" for word in command))

    def _idle(self) -> int:
        if self.lasts:
            self._asked.wait()
        return 0

    def _shell(self, out: Callable[[bytes], None]) -> Shell:
        return Shell(
            programs=PROGRAMS,
            disk=self.disk,
            variables=self.one.variables,
            user=self.one.user or "0",
            out=out,
            network=self.network,
            asked=self._asked,
            killed=self._killed,
        )

    def _print(self, text: bytes) -> None:
        *whole, self._rest = (self._rest + text).split(b"\n")
        for line in whole:
            self.log(line.decode(errors="replace"))

    def _refusal(self) -> str:
        if self.one.image == NOWHERE:
            return f"no such image: {self.one.image}"
        if self.unknown or self._command[0] in ("sh", *PROGRAMS):
            return ""
        return f"{self._command[0]}: no such file or directory"
