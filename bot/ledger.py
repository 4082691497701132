"""What stands in one environment, changed by one step at a time."""

import secrets
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from string import ascii_letters, digits
from threading import Lock

from bot.core.composing.compose import exposures
from bot.core.deciding.decide import Situation
from bot.core.deciding.filters import by_hand
from bot.core.errand import Adopt, Errand
from bot.core.events import Pull, Want
from bot.core.group import Home
from bot.core.model import Spec
from bot.core.names import Sha
from bot.core.overlay import laid_over
from bot.core.standing import Standing
from runners.base import Runner

Change = Callable[[Standing], Standing]


class Ledger:
    """The environment's standing, changed by one step at a time, and kept with the environment before it is seen."""

    def __init__(self, runner: Runner, home: Home, standing: Standing | None) -> None:
        self._runner = runner
        self._home = home
        self._lock = Lock()
        self._asked: deque[tuple[Change, Future[None]]] = deque()
        self._standing = standing

    @property
    def standing(self) -> Standing | None:
        """What stands now, if anything does."""
        return self._standing

    @property
    def present(self) -> Standing:
        """What stands now; to ask is right only where something does."""
        if self._standing is None:
            raise LookupError(f"nothing stands in {self._home.environment}")
        return self._standing

    def change(self, how: Change) -> None:
        """Change and keep it, whole or not at all; what many steps ask for at once is kept at once."""
        done: Future[None] = Future()
        self._asked.append((how, done))
        with self._lock:
            if not done.done():
                self._keep([self._asked.popleft() for _ in range(len(self._asked))])
        done.result()

    def _keep(self, asked: list[tuple[Change, "Future[None]"]]) -> None:
        try:
            changed = self.present
            for how, _ in asked:
                changed = how(changed)
            if changed != self.present:
                self._runner.remember(self._home, changed)
        except BaseException as error:
            for _, done in asked:
                done.set_exception(error)
            raise
        self._standing = changed
        for _, done in asked:
            done.set_result(None)


def deploying(stands: Standing | None, spec: Spec, pull: Pull, home: Home, sha: Sha) -> Standing:
    """What stands once a deploy has begun, before its first step: a place, and what is to come."""
    first = stands or Standing(key=pull.key, repository=pull.repository, generation=home.generation, sha=sha)
    generated = {**{name: new_secret() for name in spec.secrets}, **first.generated}
    return replace(
        first, sha=sha, down=False, asleep=False, repository=pull.repository, spec=spec, pull=pull, generated=generated
    )


def outset(runner: Runner, home: Home, at: Situation, head: Sha | None) -> Standing | None:
    """What stands as a turn begins, before its first step; nothing of it is kept yet. `head` is what it deploys."""
    stands = at.stands
    if isinstance(at.spec, Spec) and at.pull is not None and head is not None:
        stands = replace(deploying(stands, at.spec, at.pull, home, head), by_hand=by_hand(at.wish))
    if stands is None:
        return None
    stands = adopting(stands, at.wish.errand)
    if stands.spec is not None and (head is not None or at.wish.want is Want.ERRAND):
        wanted = exposures(laid_over(stands.spec, stands.overlay))
        stands = replace(stands, addresses=runner.addresses(home, wanted, stands.addresses))
    return replace(stands, generation=home.generation)


def new_secret() -> str:
    """32 random characters that neither a shell nor a URL takes for its own."""
    return "".join(secrets.choice(ascii_letters + digits) for _ in range(32))


def adopting(stands: Standing, errand: Errand | None) -> Standing:
    """With the clone that is to come up, where the errand is to put one here."""
    if not isinstance(errand, Adopt):
        return stands
    overlay = stands.overlay
    clones = {**overlay.clones, errand.name: errand.clone}
    return replace(stands, overlay=replace(overlay, clones=clones, deleted=overlay.deleted - {errand.name}))
