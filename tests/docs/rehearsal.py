"""A spec played in memory: a folder with it, a world of its own, and what somebody types there."""

import io
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot import settings
from bot.cli.follow import Screen, follow
from bot.core.events import Want, Wish
from bot.core.foreseeing.outlook import Outlook
from bot.foresee import foresee
from bot.forges import local
from bot.printed import Book, Printed, meant
from bot.screen.plan_table import drawn
from bot.screen.terminal import Terminal
from bot.world import world


class Rehearsal:
    """A folder with this spec and what it names, which nobody has deployed yet; `called` is its environment's name."""

    def __init__(self, place: Path, spec: str, *, called: str) -> None:
        chosen = {"MATINEE_STATE": str(place / "state"), "MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory"}
        given = settings.settings(chosen)
        self._world, self._forge, self._folder, self._called = world(given), local.create(given), place / "shop", called
        for root in re.findall(r"root: ([a-z]+)", spec):
            (self._folder / root).mkdir(parents=True, exist_ok=True)
            (self._folder / root / "Dockerfile").write_text("FROM busybox\n")
        self._folder.mkdir(exist_ok=True)
        (self._folder / "matinee.yaml").write_text(spec)
        owner = f"local:{self._forge.seen(self._folder).key.repository}"
        for name in re.findall(r"secrets\.([A-Z_]+)", spec):
            self._world.vault.set(owner, name, "s3cret-of-the-shop", fork=False, now=datetime.now(UTC))

    def typed(self, command: str) -> str:
        """What this command prints, but for what `up`, `stop` and `delete` tell of their progress."""
        match shlex.split(command):
            case ["matinee", "plan"]:
                return self._planned(Want.DEPLOY)
            case ["matinee", "plan", self._called, "--want", want]:
                return self._planned(Want(want))
            case ["matinee", "up"]:
                self._forge.snapshot(self._folder)
                return self._done(Want.DEPLOY)
            case ["matinee", "stop" | "delete" as want, self._called]:
                return self._done(Want(want))
            case ["matinee", "logs", self._called, step]:
                return "".join(f"{line}\n" for line in self._printed(step))
            case _:
                raise AssertionError(f"{command}: nobody has said how to play this")

    def _wish(self, want: Want) -> Wish:
        pull = self._forge.seen(self._folder)
        sha = pull.head if want is Want.DEPLOY else None
        return Wish(key=pull.key, repository="shop", want=want, sha=sha, actor="pat", why="pat asked", person=True)

    def _planned(self, want: Want) -> str:
        wish = self._wish(want)
        outlook = foresee(self._world, wish, pull=self._forge.seen(self._folder))
        assert isinstance(outlook, Outlook), outlook
        return drawn(outlook, io.StringIO()).replace(wish.key.environment, self._called) + "\n"

    def _done(self, want: Want) -> str:
        wish = self._wish(want)
        self._world.inbox.wish(wish)
        with Terminal(quiet=True) as nowhere:
            follow(self._world, wish.key.environment, Screen(nowhere))
        return ""

    def _printed(self, step: str) -> Iterator[str]:
        """Each attempt's lines below what tells which it is, as a terminal has them."""
        last: Book | None = None
        printed = Printed(self._world, self._wish(Want.DEPLOY).key.environment)
        for book, _, line in printed.news(lambda book: meant(step, book.step)):
            if book != last:
                yield f"── {book.step}, generation {book.generation}, attempt {book.attempt}"
            last = book
            yield line
