"""Reads all that a decision depends on: the pull, who vouches for its head, the spec, what stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Event

from bot.core.approval import Allowed
from bot.core.deciding.decide import Situation
from bot.core.deciding.trust import Trust, judged
from bot.core.deciding.turns import actual
from bot.core.errors import Gone, Unavailable
from bot.core.events import Pull, PullKey, Want, Wish
from bot.core.group import Home
from bot.core.model import Spec
from bot.core.reading import zero
from bot.core.reading.spec import FILE, Unreadable
from bot.gathering.fetch import fetch
from bot.gathering.touching import touched
from bot.gathering.trusting import trust
from bot.inbox import Claim
from bot.world import World
from builders.base import Commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A situation, with the fetched commit where there was one to fetch."""

    home: Home
    situation: Situation
    commit: Commit | None = None
    """The pull's head, where somebody let it run."""
    allowed: Allowed | None = None
    """Who did, where a deploy is wanted."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The operator's for this pull, by name."""


def gather(claim: Claim, world: World, cancel: Event) -> Gathered | Wish:
    """Everything fresh; or, where the pull is not what the wish took it for, the wish that should be there instead."""
    wish = claim.lane.current
    home = Home(environment=claim.environment, generation=claim.lane.generation)
    pull = looked_up(world, wish)
    if (meant := actual(wish, pull)) != wish:
        return meant
    return look(wish, pull, home, world, cancel=cancel)


def look(wish: Wish, pull: Pull | None, home: Home, world: World, *, cancel: Event) -> Gathered:
    """What else there is to know for a wish, of a pull as it is now."""
    spec, commit, allowed, known = None, None, None, Trust()
    if wish.want is Want.DEPLOY and pull is not None:
        known = trust(world, wish, pull)
        if isinstance(found := judged(wish, pull, known), Allowed):
            allowed, commit = found, fetch(world, pull, pull.head, cancel)
            spec = spec_of(world, pull, commit)
        else:
            spec = _base_spec(world, pull, cancel)
    stands = world.runner.recall(home)
    fork = _of_fork(pull or (stands.pull if stands else None))
    secrets = {} if wish.want in (Want.STOP, Want.DELETE) else world.vault.given(wish.key, fork=fork)
    situation = Situation(
        wish=wish,
        pull=pull,
        spec=spec,
        stands=stands,
        secrets=frozenset(secrets),
        trust=known,
    )
    situation = replace(situation, touched=touched(world, situation, cancel))
    home = replace(home, fork=fork)
    return Gathered(home=home, situation=situation, commit=commit, allowed=allowed, secrets=secrets)


def _of_fork(pull: Pull | None) -> bool:
    """Whether it is to be trusted less; where nobody can say that it is no fork's, it is one."""
    return pull is None or pull.fork


def looked_up(world: World, wish: Wish) -> Pull | None:
    """A stop or delete that a person or the clock asked for needs no forge: all that it takes is kept with it."""
    if wish.final:
        return None
    try:
        return find(world, wish.key)
    except Unavailable:
        if (wish.person or wish.lapsed) and wish.want is not Want.DEPLOY:
            return None
        raise


def find(world: World, key: PullKey) -> Pull | None:
    """The pull as it is now; None where the forge says that there is none."""
    try:
        return world.forge(key.forge).pull(key)
    except Gone:
        return None


def _base_spec(world: World, pull: Pull, cancel: Event) -> Spec | Unreadable | None:
    """The base branch's spec, by which a head is judged that nobody has let run; None where there is no such branch."""
    try:
        sha = world.forge(pull.key.forge).base(pull)
        return spec_of(world, pull, fetch(world, pull, sha, cancel))
    except Gone:
        return None


def spec_of(world: World, pull: Pull, commit: Commit) -> Spec | Unreadable:
    """A commit's spec; the operator's variables are below its own, and not for forks."""
    found = read_spec(commit, world.spec)
    if isinstance(found, Unreadable) or pull.fork:
        return found
    return found.model_copy(update={"variables": {**world.variables, **found.variables}})


def read_spec(commit: Commit, file: str = FILE) -> Spec | Unreadable:
    """The spec in that file of the repository, or what stands for it."""
    return zero.found(lambda name, limit: commit.read(name, limit=limit), file)
