"""Which environment a person or a CI job means, that may not be there yet."""

from dataclasses import dataclass

from bot.core.errors import Misused
from bot.core.events import Want
from bot.core.names import EnvironmentId
from bot.core.telling.waiting import known, names
from bot.inbox import Inbox, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Named by its id, by repository and pull, or else by the commit alone."""

    environment: str = ""
    repository: str = ""
    pull: int | None = None
    commit: str = ""
    """May be abbreviated; empty: the newest wanted."""

    def __str__(self) -> str:
        place = self.environment or (f"{self.repository}#{self.pull}" if self.repository else "")
        return " at ".join(part for part in (place, self.commit and f"commit {self.commit[:12]}") if part)

    def find(self, inbox: Inbox) -> Status | None:
        """The environment, once there is one; several that fit are said, since a wrong one would be waited for."""
        if self.environment:
            return inbox.lane(EnvironmentId(self.environment))
        found = self._fitting(inbox.lanes())
        if len(found) > 1:
            ids = ", ".join(each.environment for each in found)
            raise Misused(f"{self} is in several environments: {ids}; name the one that is meant")
        return found[0] if found else None

    def _fitting(self, lanes: tuple[Status, ...]) -> tuple[Status, ...]:
        if self.repository:
            return tuple(each for each in lanes if self._is_pull(each))
        wanted = (each for each in lanes if each.lane.wish.want is Want.DEPLOY)
        first = tuple(each for each in wanted if names(self.commit, each.lane.wish.sha))
        return first or tuple(each for each in lanes if known(self.commit, each.lane, each.report))

    def _is_pull(self, status: Status) -> bool:
        wish = status.lane.wish
        called = (wish.repository.casefold(), f"{wish.key.forge}:{wish.key.repository}")
        return wish.key.number == self.pull and self.repository.casefold() in called
