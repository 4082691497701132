"""Who listens where: the ports of one group, and the way to those of the environment's services."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from runners._memory.disk import Disk

_ITSELF = ("localhost", "127.0.0.1")


class Unanswered(Exception):
    """Nobody listens there, or has no such page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A folder that is served."""

    disk: Disk
    folder: str

    def page(self, path: str) -> bytes | None:
        """What is answered; None where there is no such page."""
        found = self.disk.find(f"{self.folder.rstrip('/')}{'/index.html' if path == '/' else path}")
        return found if isinstance(found, bytes) else None


Ports = dict[int, Site]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What the containers of one group share."""

    hostname: str
    serving: Callable[[str], Ports | None]
    """The name of a service → the ports of one of its replicas."""
    ports: Ports = field(default_factory=dict)

    def opened(self, port: int, site: Site) -> bool:
        """Listen; False where somebody does already."""
        return self.ports.setdefault(port, site) is site

    def close(self, disk: Disk) -> None:
        """Let the ports go that the owner of this disk listened at."""
        for port, site in list(self.ports.items()):
            if site.disk is disk:
                self.ports.pop(port, None)

    def fetched(self, url: str) -> bytes:
        """What is answered there; `Unanswered` says why nothing is."""
        parts = urlsplit(url)
        ports = self.ports if parts.hostname in _ITSELF else self.serving(parts.hostname or "")
        site = ports.get(parts.port or 80) if ports else None
        if site is None:
            raise Unanswered(f"can't connect to {url}")
        page = site.page(parts.path or "/")
        if page is None:
            raise Unanswered("server returned error: HTTP/1.1 404 Not Found")
        return page
