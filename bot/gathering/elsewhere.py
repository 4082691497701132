"""A build's source where it is not the pull's own commit: another ref, or another repository."""

import hashlib
from dataclasses import dataclass
from threading import Event

from bot.core.address import Address
from bot.core.errors import Denied, Gone
from bot.core.events import Pull
from bot.core.model import Build
from bot.forges.base import Origin
from bot.gathering.fetch import mirror
from bot.keeping.grants import SETTING, Grant
from bot.keeping.vault import owner_of
from bot.world import World
from builders.base import Commit, Unbuilt


def elsewhere(world: World, pull: Pull, build: Build, cancel: Event) -> Commit | Unbuilt:
    """The commit that the build names now.

    The forge's token goes to the pull's own repository and to no other; to another goes what the operator's file has
    for it and for this pull's repository, and never for a fork.
    """
    own = world.forge(pull.key.forge).origin(pull)
    own_address = Address.read(own.url)
    if build.repository is None:
        return _commit(world, own, mirror(pull), build.ref, cancel)
    if (named := Address.read(build.repository)) is None:
        return Unbuilt(why="build.repository is no address of a repository; `matinee check` says how to write one")
    if own_address is not None and named.same(own_address):
        return _commit(world, own, mirror(pull), build.ref, cancel)
    grant = None if pull.fork else world.grants.of(owner_of(pull.key), named)
    allowed = world.build_hosts | ({own_address.host} if own_address else frozenset())
    if grant is None and named.host not in allowed:
        return Unbuilt(why=_forbidden(named, pull))
    origin = Origin(url=str(named), header=grant.header if grant else None)
    try:
        return _commit(world, origin, _mirror(named), build.ref, cancel)
    except Denied as error:
        return Unbuilt(why=_Closed(place=named, status=error.status, pull=pull, grant=grant).why)


def _commit(world: World, origin: Origin, repository: str, ref: str | None, cancel: Event) -> Commit | Unbuilt:
    sha = world.sources.resolve(origin.url, origin.header, ref=ref, cancel=cancel)
    if sha is None and ref is None:
        return Unbuilt(why=f"{origin.url} has no default branch; name one in build.ref")
    if sha is None:
        hint = "check build.ref, and write a commit with all its digits"
        return Unbuilt(why=f"{origin.url} has no branch, tag or commit {ref}; {hint}")
    try:
        return world.sources.fetch(origin.url, origin.header, repository=repository, sha=sha, cancel=cancel)
    except Gone as error:
        return Unbuilt(why=str(error))


def _forbidden(named: Address, pull: Pull) -> str:
    """Why nothing is fetched there: which hosts are reached is the operator's word, not a pull's."""
    if pull.fork:
        why = f"{named.host} is no host to build from for a pull from a fork"
        return f"{why}; the operator can add it to MATINEE_BUILD_HOSTS"
    ways = f"the operator can add it to MATINEE_BUILD_HOSTS, or give a token for it in {SETTING}"
    return f"{named.host} is no host to build from; {ways}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Closed:
    """A repository that said no."""

    place: Address
    status: int
    pull: Pull
    grant: Grant | None

    @property
    def why(self) -> str:
        """In one sentence; where no token was sent, a private repository and none at all sound alike."""
        if self.status < 400:
            return (
                f"{self.place} leads elsewhere, where no build follows; write the address itself, with .git at its end"
            )
        if self.grant is None:
            return f"{self.place} is not to be read without a token: there is none, or it is private; {self._way}"
        if self.status in (403, 404):
            check = f"check the address, and what the token for {self.grant.place} in {SETTING} may read"
            return f"{self.place} is not there, or not for the operator's token to read; {check}"
        return f"{self.place} refuses the operator's token; renew the one for {self.grant.place} in {SETTING}"

    @property
    def _way(self) -> str:
        if self.pull.fork:
            return "check the address; a pull from a fork is given no token for another repository"
        owner = owner_of(self.pull.key)
        return f"check the address; the operator can give pulls of {owner} a token for it in {SETTING}"


def _mirror(named: Address) -> str:
    return f"git-{hashlib.sha256(str(named).encode()).hexdigest()[:16]}"
