"""A build's source where it is not the pull's own commit: another ref, or another repository."""

import hashlib
from threading import Event
from urllib.parse import urlsplit

from bot.core.errors import Gone
from bot.core.events import Pull
from bot.core.model import Build
from bot.gathering.fetch import mirror
from bot.world import World
from builders.base import Commit, Unbuilt


def elsewhere(world: World, pull: Pull, build: Build, cancel: Event) -> Commit | Unbuilt:
    """The commit that the build names now. Our token goes to the pull's own repository and to no other."""
    own = world.forge(pull.key.forge).origin(pull)
    url, header = (own.url, own.header) if build.repository is None else (build.repository, None)
    if why := _forbidden(url, own.url, world.build_hosts):
        return Unbuilt(why=why)
    sha = world.sources.resolve(url, header, ref=build.ref, cancel=cancel)
    if sha is None:
        return Unbuilt(why=f"{url} has no branch, tag or commit {build.ref or 'HEAD'}; check build.ref")
    repository = mirror(pull) if build.repository is None else _named(url)
    try:
        return world.sources.fetch(url, header, repository=repository, sha=sha, cancel=cancel)
    except Gone as error:
        return Unbuilt(why=str(error))


def _forbidden(url: str, own: str, allowed: frozenset[str]) -> str:
    """Why nothing is fetched there: which hosts are reached is the operator's word, not a pull's."""
    host = urlsplit(url).netloc
    if url == own or host in allowed or (host and host == urlsplit(own).netloc):
        return ""
    return f"{host} is no host to build from; the operator can add it to MATINEE_BUILD_HOSTS"


def _named(url: str) -> str:
    return f"git-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
