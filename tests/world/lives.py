"""One pull's whole life in memory, turn by turn: the bot dies where it is told to, and hours pass at once."""

import itertools
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from bot import settings
from bot.app import turn
from bot.core.events import ActorId, Pull, PullKey, Want, Wish
from bot.core.group import Home
from bot.core.names import Sha
from bot.core.permission import Permission
from bot.core.report import Report
from bot.core.standing import Standing
from bot.forges.memory import MemoryForge
from bot.inbox import Inbox, Status
from bot.world import World, world
from runners.memory import MemoryRunner

_numbers = itertools.count(1)
ANA = ActorId("9000")
"""Who wishes for everything; she may write."""
_LEASE = 1000.0
_ACTS = frozenset({"remember", "run", "finish", "start", "stop", "discard", "remove"})


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Fuse:
    """Burns down by one at each act that leaves something behind; from its end on nothing can be done in this life."""

    left: int | None = None
    at: str = ""
    """In place of a number: the moment at which it ends, like `after start`."""
    _lock: Lock = field(default_factory=Lock)

    def burn(self, moment: str) -> None:
        """Die, if it is time."""
        with self._lock:
            if self.at == moment:
                self.left, self.at = 0, ""
            if self.left is None:
                return
            self.left -= 1
            if self.left < 0:
                raise Killed

    def renew(self) -> None:
        """Let a new life begin, in which nothing ends it."""
        self.left, self.at = None, ""


class Mortal:
    """Something of the world as a process sees it that may die before and after each of the acts named."""

    def __init__(self, inner: Any, fuse: Fuse, acts: frozenset[str]) -> None:
        self._inner, self._fuse, self._acts = inner, fuse, acts

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._inner, name)
        if name not in self._acts:
            return act

        def mortal(*given: Any, **named: Any) -> Any:
            self._fuse.burn(f"before {name}")
            done = act(*given, **named)
            self._fuse.burn(f"after {name}")
            return done

        return mortal


@dataclass(frozen=True)
class Text:
    """A commit that is one spec."""

    sha: Sha
    spec: str
    repository: str = "memory-1"

    def read(self, path: str, *, limit: int) -> bytes | None:
        return self.spec.encode() if path == "matinee.yaml" else None

    def tree(self) -> Mapping[str, str]:
        return {}


class Life:
    """Opens a pull of its own; every commit of it is a spec."""

    def __init__(self, world: World, fuse: Fuse) -> None:
        self.fuse = fuse
        self.now = datetime.now(UTC)
        self.commits: dict[str, Text] = {}
        self.world = world
        self.key = PullKey(forge="memory", repository="1", number=next(_numbers))
        self._lives = itertools.count(1)

    def fetch(self, *_: Any, sha: Sha, **__: Any) -> Text:
        """The commit, as `Sources` would fetch it."""
        return self.commits[sha]

    @property
    def status(self) -> Status:
        found = self.world.inbox.lane(self.key.environment)
        assert found is not None
        return found

    @property
    def report(self) -> Report:
        assert self.status.report is not None
        return self.status.report

    @property
    def stands(self) -> Standing | None:
        return self.world.runner.recall(Home(environment=self.key.environment, generation=0))

    @property
    def exists(self) -> bool:
        """Whether anything at all is left of it where it ran."""
        return self.key.environment in {home.environment for home in self.world.runner.homes()}

    def steps(self) -> dict[str, Any]:
        return {step.name: step for step in self.report.steps}

    def push(self, spec: str) -> None:
        self.push_untold(spec)
        self.wish(Want.DEPLOY, sha=self.head)

    def push_untold(self, spec: str) -> None:
        """Push, and let the event be lost."""
        sha = Sha(f"{len(self.commits) + 1:040x}")
        self.commits[sha] = Text(sha, spec)
        self._put(head=sha, open=True)

    @property
    def head(self) -> Sha:
        """The pull's."""
        return self.world.forge("memory").pull(self.key).head

    def close(self) -> None:
        """The pull is closed, and the forge tells so."""
        self._put(open=False)
        self.wish(Want.DELETE)

    def wish(self, want: Want, *, sha: Sha | None = None, person: bool = False, force: bool = False) -> object:
        wish = Wish(
            key=self.key,
            repository="acme/shop",
            want=want,
            sha=sha,
            actor="ana",
            actor_id=ANA,
            why="so",
            person=person,
            force=force,
        )
        return self.world.inbox.wish(wish)

    def turn(self) -> bool:
        """Take one turn, hours later; whether there was anything to do."""
        self.now += timedelta(hours=3)
        claim = self.world.inbox.claim(f"life {next(self._lives)}", lease=_LEASE, environment=self.key.environment)
        if claim is None:
            return False
        with suppress(Killed):
            turn(claim, self.world)
        self.fuse.renew()
        return True

    def settle(self, *, turns: int = 8) -> None:
        """Take turns until nothing is to be done, that many at most."""
        for _ in range(turns):
            if not self.turn():
                return

    def _put(self, **changes: Any) -> None:
        forge: Any = self.world.forges["memory"]
        old = forge._pulls.get(self.key) or Pull(
            key=self.key,
            repository="acme/shop",
            branch="feature",
            head=Sha("0" * 40),
            base="main",
            author="ana",
            author_id=ANA,
            open=True,
            fork=False,
        )
        forge.put(replace(old, **changes), url="file:///nowhere")


def life(state: Path) -> Life:
    """A bot with a state folder of its own, and one pull that is not open yet."""
    given = {"MATINEE_STATE": str(state), "MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory"}
    opened = world(settings.settings(given))
    return reborn(opened)


def reborn(opened: World) -> Life:
    """One more pull of its own in the same world, with a runner and a clock of its own."""
    fuse = Fuse()
    ours = Life(opened, fuse)
    forge = MemoryForge()
    forge.allow(ours.key.repository, ANA, Permission.WRITE)
    inbox = Inbox(opened.inbox._database, lambda: ours.now)
    ours.world = replace(
        opened,
        forges={"memory": forge},
        runner=Mortal(MemoryRunner(), fuse, _ACTS),  # type: ignore[arg-type]
        inbox=Mortal(inbox, fuse, frozenset({"record"})),  # type: ignore[arg-type]
        sources=ours,  # type: ignore[arg-type]
        hooked=frozenset({"memory"}),
    )
    return ours
