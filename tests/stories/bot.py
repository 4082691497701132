"""The bot of the stories: real doors, inbox, engine and core; builder and runner in memory, held where a story says."""

from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from types import MappingProxyType
from typing import Any, Self

from sqlalchemy import func, select

from bot import settings
from bot.core.events import ActorId, PullKey, Want, Wish
from bot.core.model import Build
from bot.core.names import EnvironmentId
from bot.core.report import Report, State
from bot.core.wire import Cancel, Log
from bot.inbox import Inbox, Status, schema
from bot.inbox.values import now_utc
from bot.sweeper.finding import Finding
from bot.sweeper.rounds import LOOKS, by_hand
from bot.web.server import begin
from bot.world import World, world
from builders.base import NONE, Builder, Built, Commit, Unbuilt
from tests.world.bot import wait
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull


class HeldBuilder:
    """Passes builds on; one whose root is held waits until it is let go or nobody wants it any more."""

    def __init__(self, inner: Builder) -> None:
        self._inner = inner
        self.held: dict[str, tuple[Event, Event]] = {}
        self.broken: Exception | None = None
        self.environments: set[EnvironmentId] = set()
        """For which it was asked to build."""

    def of(self, environment: EnvironmentId) -> "HeldBuilder":
        self.environments.add(environment)
        return self

    def build(
        self, commit: Commit, build: Build, *, secrets: Mapping[str, str] = NONE, log: Log, cancel: Cancel
    ) -> Built | Unbuilt:
        if self.broken is not None:
            raise self.broken
        if build.root in self.held:
            reached, free = self.held[build.root]
            reached.set()
            while not (free.wait(0.02) or cancel.is_set()):
                pass
        return self._inner.build(commit, build, secrets=secrets, log=log, cancel=cancel)

    def known(self, commit: Commit, build: Build) -> str | Unbuilt | None:
        return self._inner.known(commit, build)

    def here(self, image: str) -> str | None:
        return self._inner.here(image)

    def pin(self, image: str, *, wait: float = 0.0, log: Log, cancel: Cancel) -> Built | Unbuilt:
        return self._inner.pin(image, wait=wait, log=log, cancel=cancel)

    def hold(self, image: str, environment: EnvironmentId) -> bool:
        return self._inner.hold(image, environment)

    def release(self, environment: EnvironmentId, kept: Container[str]) -> None:
        self._inner.release(environment, kept)


class StoryBot:
    """Serves until its `with` ends."""

    more: Mapping[str, str] = MappingProxyType({})
    """Settings of a bot of another kind."""

    def __init__(self, forge: GitHubWorld, state: Path, *, before: "StoryBot | None" = None) -> None:
        """`before`: one that is over, on the same machine, so that what stood still stands."""
        self._forge, self.state = forge, state
        self.ahead = before.ahead if before else timedelta()
        """By how much its clock is ahead of ours."""
        given = {f"MATINEE_{name.upper()}": value for name, value in forge.settings.items()}
        chosen = {"MATINEE_STATE": str(state), "MATINEE_LISTEN": "127.0.0.1:0", "MATINEE_ADMIN_LISTEN": "127.0.0.1:0"}
        memory = {"MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory", "MATINEE_WORKERS": "2"}
        memory["MATINEE_FORK_BUILDER"] = "memory"
        self.settings: Mapping[str, str] = settings.settings({**given, **chosen, **memory, **self.more})
        opened = world(self.settings)
        self.built: Mapping[str, str] = getattr(opened.builder, "built", {})
        self.built_for_forks: Mapping[str, str] = getattr(opened.forks.builder, "built", {})
        self.builder = HeldBuilder(opened.builder)
        inbox = Inbox(opened.inbox._database, lambda: now_utc() + self.ahead)
        runner = before.world.runner if before else opened.runner
        self.world: World = replace(opened, builder=self.builder, inbox=inbox, runner=runner)
        self._over = Event()

    def __enter__(self) -> Self:
        self._began = self.world.inbox.now
        self._forge.hook = f"http://127.0.0.1:{begin(self.settings, self.world, self._over)}/hooks/{self._forge.name}"
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        wait(lambda: all(status.owner is None for status in self.world.inbox.lanes()), "the lanes to be free")
        self.world.inbox.close()

    @contextmanager
    def held_at(self, root: str) -> Iterator[Event]:
        """Builds of this root wait while the block lasts; what is yielded is set when the first one has begun."""
        reached, free = Event(), Event()
        self.builder.held[root] = (reached, free)
        try:
            yield reached
        finally:
            del self.builder.held[root]
            free.set()

    def settle(self) -> None:
        """Wait until no lane has anything to do, every remark is answered and every pull has been told."""

        def idle() -> bool:
            lanes = self.world.inbox.lanes()
            return self.remarks == 0 and all(not status.lane.due and status.owner is None for status in lanes)

        wait(idle, "the lanes to be idle", otherwise=lambda: str(self.world.inbox.lanes()), patience=30)

    @property
    def remarks(self) -> int:
        """How many are not answered yet."""
        count = select(func.count()).select_from(schema.remarks)
        return self.world.inbox._database.read(lambda connection: int(connection.execute(count).scalar_one()))

    def later(self, by: timedelta) -> None:
        """Let time pass, here and on GitHub."""
        self.ahead += by
        self._forge.ahead += by.total_seconds()

    def sweep(self, *, act: bool = True, yes: bool = False) -> list[Finding]:
        """Look once for all that no event told, and settle; what was found."""
        found = list(by_hand(self.world, act=act, yes=yes))
        self.settle()
        return found

    def swept(self) -> None:
        """Wait until every look was taken by the bot itself since it began, and settle."""

        def looked() -> bool:
            chores = self.world.inbox.chores.all()
            return {each.name for each in chores if each.done_at and each.done_at >= self._began} >= set(LOOKS)

        wait(looked, "every look to be taken", otherwise=lambda: str(self.world.inbox.chores.all()), patience=40)
        self.settle()

    def until(self, pull: Pull, state: State, *, sha: str | None = None) -> None:
        """Wait until the pull's newest report says this, and the pull shows it."""

        def there() -> bool:
            report = self.status(pull).report
            return report is not None and report.state is state and sha in (None, report.sha) and self._rests(pull)

        wait(there, f"the state {state}", otherwise=lambda: str(self.status(pull)), patience=60)

    def until_tried(self, pull: Pull, times: int) -> None:
        """Wait until that many turns of the generation had to be repeated."""
        wait(lambda: self.status(pull).lane.tries >= times, f"{times} tries", patience=60)

    def _rests(self, pull: Pull) -> bool:
        status = self.status(pull)
        return status.owner is None and (status.lane.tries > 0 or not status.lane.due)

    @contextmanager
    def builder_away(self, error: Exception) -> Iterator[None]:
        """Every build ends with this while the block lasts."""
        self.builder.broken = error
        try:
            yield
        finally:
            self.builder.broken = None

    def status(self, pull: Pull) -> Status:
        """The pull's lane."""
        found = self.world.inbox.lane(pull.key.environment)
        assert found is not None
        return found

    def report(self, pull: Pull) -> Report:
        """The pull's newest report."""
        report = self.status(pull).report
        assert report is not None
        return report

    def steps(self, pull: Pull) -> dict[str, Any]:
        """Step → its line."""
        return {step.name: step for step in self.report(pull).steps}

    def told(self, pull: Pull) -> None:
        """The pull's head is wanted, as an event would have it."""
        author = {"actor": pull.author, "actor_id": ActorId(str(self._forge.person(pull.author)))}
        repository = pull.repository.full_name
        self.world.inbox.wish(
            Wish(key=pull.key, repository=repository, want=Want.DEPLOY, sha=pull.head, why="it was opened", **author)
        )

    def asked(self, pull: Pull, want: Want) -> None:
        """A person asks for it on the command line."""
        sha = pull.head if want is Want.DEPLOY else None
        key: PullKey = pull.key
        wish = Wish(key=key, repository="acme/shop", want=want, sha=sha, actor="pat", why="pat asked", person=True)
        self.world.inbox.wish(wish)
