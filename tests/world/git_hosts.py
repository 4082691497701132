"""Small hosts of git repositories, each as strict as one that there is: what it takes for a token, and what it tells.

How tokens are sent is documented; which status stands for "not for you" is not everywhere, so hosts differ in it here.
"""

import base64
import hmac
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.world.git_http import application
from tests.world.history import History
from tests.world.served import served


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a host is."""

    user: str
    """Who is to be named before a token; empty: it takes bearers alone; `*`: anybody."""
    unseen: str = "404 Not Found"
    """What a token hears that is good, but not for this repository, or where there is none."""
    below: str = ""
    """The path below which it has its repositories."""
    redirects: bool = False
    """Whether it sends on who leaves out `.git`."""


GITHUB = Kind(user="x-access-token")
GITLAB = Kind(user="*", redirects=True)
CLOUD = Kind(user="x-token-auth", unseen="403 Forbidden")
DATA_CENTER = Kind(user="", below="/scm")
KINDS = {"github": GITHUB, "gitlab": GITLAB, "bitbucket cloud": CLOUD, "bitbucket data center": DATA_CENTER}


class GitHost:
    """Private repositories, and tokens that open some of them."""

    def __init__(self, kind: Kind, root: Path) -> None:
        self.kind = kind
        self.base = ""
        self.asked: list[tuple[str, str]] = []
        """Each path that was asked for, with what came as `Authorization`."""
        self.public: set[str] = set()
        self.leads: dict[str, str] = {}
        """Names of repositories, and the base of the host to which they have moved."""
        self.broken = False
        self._root = root
        self._git = application(root, None)
        self._tokens: dict[str, set[str]] = {}

    def repository(self, name: str, files: dict[str, str], *, token: str = "") -> History:
        """A private repository that this token opens."""
        made = History(self._root / f"{name}.git")
        made.commit(files)
        if token:
            self._tokens.setdefault(token, set()).add(name)
        return made

    def url(self, name: str) -> str:
        """What to write in a spec."""
        return f"{self.base}{self.kind.below}/{name}.git"

    def revoke(self, token: str) -> None:
        """Take it from nobody in particular: it opens nothing any more."""
        self._tokens.pop(token)

    @property
    def sent(self) -> set[str]:
        """All that came as `Authorization`."""
        return {each for _, each in self.asked if each}

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer as the host does."""
        path, given = environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")
        self.asked.append((path, given))
        inside = path.removeprefix(self.kind.below)
        name, dot, rest = inside.lstrip("/").partition(".git/")
        if self.broken:
            return _said(start, "503 Service Unavailable")
        if name in self.leads:
            return _said(start, "301 Moved Permanently", Location=f"{self.leads[name]}{path}?{environ['QUERY_STRING']}")
        if not dot and self.kind.redirects:
            to = inside.replace("/info/refs", ".git/info/refs")
            return _said(start, "301 Moved Permanently", Location=f"{self.base}{to}?{environ['QUERY_STRING']}")
        if name not in self.public:
            opens = self._opened_by(given)
            if opens is None:
                return _said(start, "401 Unauthorized", **{"WWW-Authenticate": 'Basic realm="git"'})
            if name not in opens:
                return _said(start, self.kind.unseen)
        return self._git({**environ, "PATH_INFO": f"/{name}.git/{rest}"}, start)

    def _opened_by(self, given: str) -> set[str] | None:
        """What this header opens; None where it is no token of ours, or is sent in another way."""
        how, _, code = given.partition(" ")
        if how == "Bearer" and not self.kind.user:
            return self._tokens.get(code)
        if how != "Basic" or not self.kind.user:
            return None
        user, _, token = base64.b64decode(code).decode().partition(":")
        fits = self.kind.user == "*" or hmac.compare_digest(user, self.kind.user)
        return self._tokens.get(token) if fits else None


@contextmanager
def git_host(kind: Kind) -> Iterator[GitHost]:
    """One for as long as a `with` lasts."""
    with tempfile.TemporaryDirectory(prefix="git-host-") as folder:
        made = GitHost(kind, Path(folder))
        with served(made) as url:
            made.base = url
            yield made


def entry(host: GitHost, place: str, token: str, *pulls: str, check: str = "") -> str:
    """The operator's lines for a token of this host, of a repository (`acme/web.git`) or of a place (`acme`)."""
    user = {"*": "oauth2"}.get(host.kind.user, host.kind.user)
    secret = f'user = "{user}"\ntoken = "{token}"' if user else f'bearer = "{token}"'
    listed = ", ".join(f'"{each}"' for each in pulls)
    tried = f'check = "{host.url(check)}"\n' if check else ""
    url = f"{host.base}{host.kind.below}/{place}"
    return f'[[repositories]]\nurl = "{url}"\npulls = [{listed}]\n{secret}\n{tried}\n'


def _said(start: Any, status: str, **headers: str) -> list[bytes]:
    body = f"remote says {status}\n".encode()
    start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), *headers.items()])
    return [body]
