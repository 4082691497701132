"""Which files a pull's head touches, told from git's trees: exact, and alike for every forge."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from bot.core.deciding.decide import Situation
from bot.core.deciding.filters import Touched, compares, standing_commit
from bot.core.errors import Gone
from bot.core.events import Pull
from bot.core.model import Spec
from bot.core.names import Sha
from bot.core.wire import Cancel
from bot.gathering.fetch import fetch
from bot.world import World


def touched(world: World, at: Situation, cancel: Cancel) -> Touched | None:
    """Against the commit that stands, else the one where the branch went off; None where it does not matter.

    None, too, where neither commit is there any more.
    """
    if at.pull is None or not isinstance(at.spec, Spec) or not compares(at):
        return None
    trees = _Trees(world=world, pull=at.pull, cancel=cancel)
    since = standing_commit(at.pull, at.spec, at.stands)
    if since is not None:
        with suppress(Gone):
            return trees.between(since)
    with suppress(Gone):
        return trees.between(world.forge(at.pull.key.forge).merge_base(at.pull))
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trees:
    world: World
    pull: Pull
    cancel: Cancel

    def between(self, since: Sha) -> Touched:
        before, now = self._tree(since), self._tree(self.pull.head)
        files = (path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
        return Touched(since=since, files=tuple(sorted(files)))

    def _tree(self, sha: Sha) -> Mapping[str, str]:
        return fetch(self.world, self.pull, sha, self.cancel).tree()
