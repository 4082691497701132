"""What is told of a pull, in the tests of a forge."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.core.report import Report, State
from bot.forges._github.apis import TokenApis
from bot.forges._github.limits import Gate
from bot.forges.github import GitHub
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull


def forge(world: GitHubWorld, now: Callable[[], datetime]) -> GitHub:
    """GitHub by another clock."""
    url = world.settings["github_url"]
    return GitHub(url=url, apis=TokenApis(url, world.token, Gate(now)), secret=world.secret)


def report(pull: Pull, state: State = State.RUNNING, **more: Any) -> Report:
    """A report of the pull's head."""
    given = {"generation": 1, "sha": pull.head, **more}
    return Report(key=pull.key, repository=pull.repository.full_name, state=state, **given)


def tell(forge: GitHub, pull: Pull, state: State = State.RUNNING, **more: Any) -> None:
    """Tell the pull such a report."""
    forge.tell(forge.pull(pull.key), report(pull, state, **more))
