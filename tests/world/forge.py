"""A small forge over HTTP: a world in which pulls are opened, pushed to and closed, for stories and for the demo."""

import itertools
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from bot.core.names import Sha
from tests.world.bare import Bare, Files
from tests.world.git_http import Opens, application
from tests.world.hooks import Hooks, Sent
from tests.world.late import Late
from tests.world.repository import Repository
from tests.world.served import server
from tests.world.troubles import Trouble, Troubles

AUTHOR = "ana"
"""Who opens pulls where a story names nobody else; she may write to every repository that does not say otherwise."""
_AGO = 600
"""Seconds before now at which its first moment is, so that none of them is to come."""

Wsgi = Callable[..., Iterable[bytes]]
R = TypeVar("R", bound=Repository[Any])


class ForgeWorld(Generic[R]):
    """Serves until it is closed; use it in a `with`. `below` is the path under which it is, like `/gitlab`."""

    name: str
    API: str
    """The path below which its REST API is."""
    PROGRAM: str
    """An account that is no person's."""
    RIGHTS: str
    """In the path by which it is asked who may do what."""
    ROOT: str
    """Before a repository's number in a path."""
    PULLS: str
    COMMENTS: str
    EMOJI: str
    """In the paths of a pull, of what is written on it, of the bot's signs on that."""
    CALLS: str
    """In the path of the webhook's log."""

    def __init__(self, bot: str, hooks: Hooks, rest: Wsgi, opens: str | Opens, *, below: str = "") -> None:
        self.bot = bot
        self.lock = threading.RLock()
        self.repositories: list[R] = []
        self._people: dict[str, int] = {}
        self._seconds = itertools.count(int(time.time()) - _AGO)
        self._numbers = itertools.count(1_000_000 + secrets.randbelow(10**8))
        self.hooks = hooks
        self._root = Path(tempfile.mkdtemp(prefix=f"{self.name}-world-"))
        self._git = Late(application(self._root, opens))
        self._troubles = Troubles(rest)
        self._rest: Wsgi = self._troubles
        self._below = below
        self._server = server(self._serve)
        self.base = f"http://127.0.0.1:{self._server.server_port}{below}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
        if exception[0] is None:
            self.judge()

    def close(self) -> None:
        """End it, with all that it kept."""
        self._server.shutdown()
        self._server.server_close()
        shutil.rmtree(self._root)

    def judge(self) -> None:
        """Raise where the bot did what it never may."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What a bot needs to work with it."""
        raise NotImplementedError

    @property
    def hook(self) -> str | None:
        """Where deliveries go: the bot's `http://127.0.0.1:PORT/hooks/<forge>`."""
        return self.hooks.url

    @hook.setter
    def hook(self, url: str | None) -> None:
        self.hooks.url = url

    @property
    def ahead(self) -> float:
        """By how many seconds its clock is ahead of ours."""
        return float(getattr(self._server, "ahead", 0.0))

    @ahead.setter
    def ahead(self, seconds: float) -> None:
        setattr(self._server, "ahead", seconds)  # noqa: B010 - the server's class knows nothing of it

    @property
    def deliveries(self) -> list[Sent]:
        """All of them, sent or not, oldest first."""
        return self.hooks.deliveries

    @property
    def requests(self) -> list[str]:
        """What the REST API was asked: `GET /user`."""
        return self._troubles.requests

    @property
    def meanwhile(self) -> dict[str, Callable[[], object]]:
        """What is called while a request to the REST API (`GET /user`) is on its way, before it has its effect."""
        return self._troubles.meanwhile

    def signed(self, sent: Sent) -> dict[str, str]:
        """The headers of a delivery as they are sent now."""
        return self.hooks.signed(sent)

    def holding(self) -> AbstractContextManager[list[Sent]]:
        """Send nothing that happens in this `with`: the list is for the story to send, shuffle or lose."""
        return self.hooks.holding()

    def repository(self, full_name: str, files: Files | None = None, **rights: str) -> R:
        """Make a repository with these files on its default branch; `ben="write"` gives a right, as ana has it."""
        bare = Bare(self._root / f"{full_name}.git")
        now = self.tick()
        head = bare.commit("refs/heads/main", files or {"README.md": full_name}, parent=None, author=AUTHOR, at=now)
        shared = {"id": self.number(), "full_name": full_name, "bare": bare, "head": head, "created": now}
        made = self.made({AUTHOR: "write", **rights}, shared)
        self.repositories.append(made)
        return made

    def made(self, rights: Mapping[str, str], shared: Mapping[str, Any]) -> R:
        """A repository in which people have these rights."""
        raise NotImplementedError

    def fail_next(
        self,
        verb: str = "",
        part: str = "",
        *,
        status: int = 502,
        times: int = 1,
        after_effect: bool = False,
        message: str = "Server Error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Let the next requests of this verb, with this part in their path, fail; status 0 cuts the connection."""
        self._troubles.coming.append(
            Trouble(
                verb=verb,
                part=part,
                status=status,
                times=times,
                after_effect=after_effect,
                message=message,
                headers=headers or {},
            )
        )

    def limit_next(self, verb: str = "", part: str = "", *, retry_after: int = 47, times: int = 1) -> None:
        """Answer the next requests as a forge does of which too much was asked."""
        raise NotImplementedError

    def heal(self) -> None:
        """Let nothing fail any more."""
        self._troubles.coming.clear()

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Cut every connection to the REST API while this lasts."""
        before, self._troubles.coming = self._troubles.coming, []
        self.fail_next(status=0, times=2**31)
        try:
            yield
        finally:
            self._troubles.coming = before

    def clock(self) -> float:
        """What time it believes it is, in seconds."""
        return time.time() + self.ahead

    def tick(self) -> int:
        """A moment later than all before, in seconds."""
        return next(self._seconds)

    def number(self) -> int:
        """An id that nothing else has."""
        return next(self._numbers)

    def person(self, login: str) -> int:
        """The id of a user, who is made if need be."""
        with self.lock:
            return self._people.setdefault(login, 9000 + len(self._people))

    def known(self, login: str) -> bool:
        """Whether there is such a user."""
        return login in self._people

    def login(self, number: int) -> str | None:
        """What the account with this number is called now."""
        return next((login for login, its in self._people.items() if its == number), None)

    def rename(self, login: str, new: str) -> None:
        """Let an account have another name from now on; whoever takes the old one is somebody else."""
        with self.lock:
            self._people[new] = self._people.pop(login)
            for repository in self.repositories:
                repository.renamed(login, new)

    def happened(self, event: str, payload: Mapping[str, Any]) -> Sent:
        """Tell the webhook."""
        return self.hooks.happened(event, payload)

    def lag(self, sha: Sha, fetches: int) -> None:
        """Let git not have this commit for some fetches."""
        self._git.lag[sha] = fetches

    def _serve(self, environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"].removeprefix(self._below)
        if not path.startswith(f"{self.API}/"):
            return self._git({**environ, "PATH_INFO": path}, start)
        script = f"{self._below}{self.API}"
        return self._rest({**environ, "PATH_INFO": path.removeprefix(self.API), "SCRIPT_NAME": script}, start)
