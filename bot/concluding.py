"""What is kept with an environment once a turn's plan has been carried out: what serves now, and until when."""

from dataclasses import replace

from bot.core.deciding.turns import lifetime
from bot.core.events import Pull, Want
from bot.core.report import State
from bot.inbox import Claim
from bot.ledger import Ledger
from bot.world import World


def conclude(claim: Claim, world: World, state: State, ledger: Ledger, pull: Pull | None) -> None:
    """Keep how it ended; nothing is kept of what is gone."""
    wish = claim.lane.current
    times = lifetime(wish, state, ledger.standing, claim.times, world.inbox.now)
    if times != claim.times:
        world.inbox.times.keep(claim, times)
    if ledger.standing is None or state is State.DELETED:
        return
    ledger.change(lambda stands: replace(stands, lifetime=times))
    if wish.want is Want.ERRAND:
        return
    if state is State.RUNNING:
        ledger.change(lambda stands: replace(stands, serving=stands.sha))
    if state is State.STOPPED:
        ledger.change(lambda stands: replace(stands.noticing(pull), down=True, asleep=wish.lapsed, by_hand=False))
