"""Turns what was found into wishes, and stops where they would delete too much at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.core.deciding.missed import too_many
from bot.core.events import Ignored, Wish
from bot.sweeper.finding import Act, Finding, Terms
from bot.world import World


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, with what it wishes for where it does."""

    finding: Finding
    wish: Wish | None = None
    above: int = 0
    """The generation that the environment itself remembers."""


def carried_out(world: World, found: Sequence[Found], terms: Terms, *, standing: int) -> Iterator[Finding]:
    """Wish for all of it; nothing is deleted where that is too much, until somebody says so."""
    deletes = sum(each.finding.act is Act.DELETE for each in found)
    why = "" if terms.yes else too_many(deletes, standing, percent=world.sweeps.percent)
    for each in found:
        if each.wish is None:
            yield each.finding
        elif why and each.finding.act is Act.DELETE:
            yield replace(each.finding, act=Act.ASK, why=f"{each.finding.why}; {why}")
        else:
            yield _wished(world, each, each.wish, act=terms.act)


def _wished(world: World, found: Found, wish: Wish, *, act: bool) -> Finding:
    if not act:
        return found.finding
    stored = world.inbox.wish(wish, above=found.above)
    if isinstance(stored, Ignored):
        return replace(found.finding, why=stored.why, act=Act.NOTHING)
    return replace(found.finding, done=True)
