"""A bot that is started again whenever it has died."""

from collections.abc import Mapping
from pathlib import Path

from bot.core.events import Want, Wish
from bot.core.names import EnvironmentId
from bot.inbox import Inbox
from tests.world.bot import Bot, wait
from tests.world.github_repository import Pull
from tests.world.process import Process

ROOT = Path(__file__).parents[2]
LIVES = 120
"""More than there are points."""


class Undying(Bot):
    """Each of its lives is one of `tests.world.mortal`; the inbox is there before the first."""

    def __init__(self, state: Path, settings: Mapping[str, str]) -> None:
        super().__init__(state, settings)
        state.mkdir(parents=True)
        self.inbox = self._inbox = Inbox.open(f"sqlite:///{state}/matinee.db")

    def wish(self, pull: Pull, want: Want) -> None:
        """Have a person want this of a pull."""
        sha = pull.head if want is Want.DEPLOY else None
        repository = pull.repository.full_name
        wish = Wish(key=pull.key, repository=repository, want=want, sha=sha, actor="ana", why="because", person=True)
        self.inbox.wish(wish)

    def outlive(self, environment: EnvironmentId, deaths: Path | None, *states: str) -> int:
        """Live until the environment is settled in one of these states; how many deaths that took.

        `deaths` is the file of the points that it died at; with none it dies at no point.
        """
        life = ["tests.world.mortal", str(deaths)] if deaths else ["bot.cli", "serve"]
        for died in range(LIVES):
            self._process = Process(*life, environment=self.environment, stdout=self.log, cwd=ROOT)
            ended = wait(lambda: self._over(environment, states), f"{environment} or a death", otherwise=self.told)
            if ended == "settled":
                self.end()
                return died
        raise AssertionError(f"{LIVES} lives were not enough\n{self.told()[-6000:]}")

    def _over(self, environment: EnvironmentId, states: tuple[str, ...]) -> str:
        if self._process is not None and self._process.returncode is not None:
            return "dead"
        status = self.inbox.lane(environment)
        return "settled" if status and not status.lane.due and status.lane.state in states else ""
