"""matinee as it is, for a folder of ours: one turn after the other, and when its steps began and ended."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from bot import settings
from bot.app import turn
from bot.core.errors import Unavailable
from bot.core.events import Want, Wish, wish
from bot.core.report import Report, State, StepState
from bot.forges import local
from bot.inbox import Inbox
from bot.world import World, world

LEASE = 60.0


@dataclass(slots=True)
class Clocked:
    """An inbox that notes when the run steps of a turn began and ended; all else is the inbox's own."""

    inbox: Inbox
    began: float | None = None
    ended: float = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inbox, name)

    def log(self, environment: Any, generation: int, step: Any, attempt: int) -> Any:
        """Begin a log; a step begins no later than its log."""
        if step.startswith("run "):
            self._begins()
        return self.inbox.logs.begin(environment, generation, step, attempt)

    def tell(self, claim: Any, report: Report) -> None:
        """Keep a report, which says that a step has begun or ended."""
        running = [step for step in report.steps if step.name.startswith("run ")]
        if any(step.state is StepState.RUNNING for step in running):
            self._begins()
        self.ended = self.ended or (time.monotonic() if running and all(map(_over, running)) else 0.0)
        self.inbox.tell(claim, report)

    def _begins(self) -> None:
        self.began = self.began or time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Seconds of one turn: of all of it, and from the begin of its first run step to the end of its last."""

    whole: float
    runs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One folder's environment."""

    world: World
    wish: Wish
    clock: Clocked = field(repr=False)

    def turned(self, want: Want = Want.DEPLOY) -> Taken:
        """Wish for it and take the turn; it has to end well."""
        self.clock.began, self.clock.ended = None, 0.0
        began = time.monotonic()
        self.world.inbox.wish(replace(self.wish, want=want, sha=self.wish.sha if want is Want.DEPLOY else None))
        claim = self.world.inbox.claim("bench", lease=LEASE)
        if claim is None:
            raise Unavailable("nothing is due: somebody else has carried it out")
        turn(claim, self.world)
        whole = time.monotonic() - began
        status = self.world.inbox.lane(claim.environment)
        report = status.report if status else None
        if report is None or report.state not in (State.RUNNING, State.DELETED):
            raise Unavailable(f"the turn did not come to its good end: {report}")
        return Taken(whole=whole, runs=self.clock.ended - (self.clock.began or self.clock.ended))


@contextmanager
def product(files: Mapping[str, str], **given: str) -> Iterator[Product]:
    """An environment of these files, on Docker where the settings say nothing else; nothing is left of it."""
    with tempfile.TemporaryDirectory(prefix="matinee-bench-") as folder:
        source = Path(folder) / "bench"
        for name, text in files.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(text)
        chosen = {**settings.settings({"MATINEE_STATE": str(Path(folder) / "state")}), **given}
        opened = world(chosen)
        clock = Clocked(opened.inbox)
        asked = replace(wish(local.create(chosen).snapshot(source)), person=True)
        made = Product(world=replace(opened, inbox=cast(Inbox, clock)), wish=asked, clock=clock)
        try:
            yield made
        finally:
            made.turned(Want.DELETE)
            opened.inbox.close()


def _over(step: Any) -> bool:
    return step.state not in (StepState.WAITING, StepState.RUNNING)
