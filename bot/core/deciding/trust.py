"""Whose commit may run here: by the word of somebody who may write, for that commit, looked up at the moment of acting.

Nothing that a payload says of an account counts, unless none but the forge can have said it; nor where the branch
lies, nor what a commit says of its author.
"""

from dataclasses import dataclass

from bot.core.approval import Allowed, Approval, Ground
from bot.core.events import NOBODY, ActorId, Pull, Wish
from bot.core.names import Sha
from bot.core.permission import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An account that brought the commit or asked for it, with what it may do in the repository now."""

    login: str
    id: ActorId
    permission: Permission = Permission.NONE
    listed: bool = False
    """Whether the operator's settings name it."""
    shown: bool = True
    """Whether the forge shows that it acted; False where only a delivery says so, which somebody may have shaped."""

    @property
    def counts(self) -> bool:
        """Whether its acting is word enough for a commit on a branch of the repository's own."""
        return self.shown and self.may

    @property
    def may(self) -> bool:
        """Whether its word would count, had it acted."""
        return self.listed or self.permission >= Permission.WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What speaks for a commit, as it was looked up for this turn; what was not looked up does not speak."""

    actors: tuple[Actor, ...] = ()
    approval: Approval | None = None
    no_forks: str = ""
    """Why no pull from a fork runs here at all, with what to do about it."""


@dataclass(frozen=True, slots=True)
class Untrusted:
    """Nobody whose word counts has spoken for the commit."""

    why: str


def judged(wish: Wish, pull: Pull, trust: Trust) -> Allowed | Untrusted:
    """Who lets the head of this pull run; or why nobody does, with what it takes."""
    if pull.fork and trust.no_forks:
        return Untrusted(f"the pull comes from a fork, and this bot runs none: {trust.no_forks}")
    found = _kept(pull, trust.approval) or (None if pull.fork else _acting(wish, pull.head, trust.actors))
    return found or Untrusted(_refusal(wish, pull, trust))


def _kept(pull: Pull, word: Approval | None) -> Allowed | None:
    """A word that was given for this very commit; for a fork's it has to have been said aloud."""
    if word is None or word.sha != pull.head or (pull.fork and word.ground is not Ground.APPROVAL):
        return None
    return Allowed(sha=word.sha, by=word.by, by_id=word.by_id, ground=word.ground)


def _acting(wish: Wish, head: Sha, actors: tuple[Actor, ...]) -> Allowed | None:
    """Whoever acts, where that is enough: the pull's branch is the repository's own."""
    if wish.person and wish.actor_id == NOBODY:
        return Allowed(sha=head, by=wish.actor, by_id=NOBODY, ground=Ground.OPERATOR)
    for actor in actors:
        if actor.counts:
            ground = Ground.LISTED if actor.listed else Ground.WRITE
            return Allowed(sha=head, by=actor.login, by_id=actor.id, ground=ground)
    return None


def _refusal(wish: Wish, pull: Pull, trust: Trust) -> str:
    takes = f"whoever may write there can allow this commit, and no other, with `/preview approve {pull.head}`"
    if pull.fork:
        return f"the pull comes from a fork, and nobody who may write to {pull.repository} has approved it; {takes}"
    actor = trust.actors[0] if trust.actors else Actor(login=wish.actor, id=wish.actor_id)
    if not actor.shown:
        return f"nothing shows that {actor.login} did anything here, so nobody has spoken for this commit; {takes}"
    does = "do nothing" if actor.permission is Permission.NONE else f"only {actor.permission}"
    return f"{actor.login} may {does} in {pull.repository}, and that is not enough to run a commit; {takes}"
