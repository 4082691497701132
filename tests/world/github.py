"""A small GitHub over HTTP: a world in which pulls are opened, pushed to and closed, for stories and for the demo."""

import itertools
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

from bot.core.names import Sha
from tests.world import github_graphql
from tests.world.bare import Bare, Files
from tests.world.documented import Documented
from tests.world.git_http import application
from tests.world.github_app import App
from tests.world.github_hooks import Hooks, Sent
from tests.world.github_repository import Repository
from tests.world.github_rest import rest
from tests.world.github_rights import opened
from tests.world.late import Late
from tests.world.served import server
from tests.world.troubles import Trouble, Troubles

API = "/api/v3"
AUTHOR = "ana"
"""Who opens pulls where a story names nobody else; she may write to every repository that does not say otherwise."""
_BEGINNING = 1_767_225_600


class GitHubWorld:
    """Serves until it is closed; use it in a `with`."""

    name = "github"
    PROGRAM = "renovate[bot]"
    """An account that is no person's."""
    RIGHTS = "/permission"
    """In the path by which it is asked who may do what."""

    def __init__(
        self,
        token: str = "ghs_world",
        secret: str = "webhook-secret",
        *,
        bot: str = "matinee-bot",
        app: bool = False,
        job: Mapping[str, str] | None = None,
    ) -> None:
        """`job`: the token is that of a job of GitHub Actions, with these permissions."""
        self.token, self.secret, self.job = token, secret, job
        self.lock = threading.RLock()
        self.repositories: list[Repository] = []
        self.headers: dict[str, str] = {}
        """What every answer of the REST API has besides its own."""
        self._people: dict[str, int] = {}
        self._seconds = itertools.count(_BEGINNING)
        self._numbers = itertools.count(1_000_000 + secrets.randbelow(10**8))
        self._hooks = Hooks(secret, self.clock, of_app=app)
        self.app = App(self, bot) if app else None
        """With one, it is installed wherever a repository is made, and the bot is it."""
        self.bot = "github-actions[bot]" if job is not None else f"{bot}[bot]" if app else bot
        self.events = ["*"]
        """What the webhook of each repository is said to tell of."""
        self._root = Path(tempfile.mkdtemp(prefix="github-world-"))
        self._git = Late(application(self._root, partial(opened, self)))
        self._troubles = Troubles(rest(self))
        self._documented = Documented(self._troubles)
        self._server = server(self._serve)
        self.base = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
        if self._documented.strange and exception[0] is None:
            raise AssertionError("calls that GitHub does not document:\n" + "\n".join(self._documented.strange))

    def close(self) -> None:
        """End it, with all that it kept."""
        self._server.shutdown()
        self._server.server_close()
        shutil.rmtree(self._root)

    @property
    def settings(self) -> Mapping[str, str]:
        """What a bot needs to work with this GitHub."""
        rights = {"github_token": self.token}
        if self.app:
            rights = {"github_app_id": str(self.app.id), "github_private_key": self.app.key}
        return {"github_url": f"{self.base}{API}", **rights, "github_webhook_secret": self.secret}

    @property
    def hook(self) -> str | None:
        """Where deliveries go: the bot's `http://127.0.0.1:PORT/hooks/github`."""
        return self._hooks.url

    @hook.setter
    def hook(self, url: str | None) -> None:
        self._hooks.url = url

    @property
    def ahead(self) -> float:
        """By how many seconds its clock is ahead of ours."""
        return float(getattr(getattr(self, "_server", None), "ahead", 0.0))

    @ahead.setter
    def ahead(self, seconds: float) -> None:
        setattr(self._server, "ahead", seconds)  # noqa: B010 - the server's class knows nothing of it

    @property
    def deliveries(self) -> list[Sent]:
        """All of them, sent or not, oldest first."""
        return self._hooks.deliveries

    @property
    def requests(self) -> list[str]:
        """What the REST API was asked: `GET /user`."""
        return self._troubles.requests

    @property
    def meanwhile(self) -> dict[str, Callable[[], object]]:
        """What is called while a request to the REST API (`GET /user`) is on its way, before it has its effect."""
        return self._troubles.meanwhile

    def holding(self) -> AbstractContextManager[list[Sent]]:
        """Send nothing that happens in this `with`: the list is for the story to send, shuffle or lose."""
        return self._hooks.holding()

    def ping(self) -> Sent:
        """What GitHub sends when a webhook is set up."""
        return self._hooks.happened(
            "ping", {"zen": "Keep it logically awesome.", "hook_id": 4242, "hook": {"id": 4242}}
        )

    def repository(self, full_name: str, files: Files | None = None, **permissions: str) -> Repository:
        """Make a repository with these files on its default branch; `ana="write"` gives a permission."""
        bare = Bare(self._root / f"{full_name}.git")
        now = self.tick()
        head = bare.commit("refs/heads/main", files or {"README.md": full_name}, parent=None, author="ana", at=now)
        repository = Repository(
            world=self,
            id=self.number(),
            full_name=full_name,
            bare=bare,
            head=head,
            created=now,
            permissions={AUTHOR: "write", **permissions},
        )
        for login in repository.permissions:
            self.person(login)
        self.repositories.append(repository)
        if self.app and self.app.of(repository) is None:
            self.app.install(full_name.partition("/")[0])
        return repository

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

    def heal(self) -> None:
        """Let nothing fail any more."""
        self._troubles.coming.clear()

    def limit_next(self, *, retry_after: int = 47, times: int = 1) -> None:
        """Answer the next requests with the secondary rate limit."""
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        headers = {"Retry-After": str(retry_after)}
        self.fail_next(status=403, times=times, message=message, headers=headers)

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
                if login in repository.permissions:
                    repository.permissions[new] = repository.permissions.pop(login)

    def happened(self, event: str, payload: dict[str, Any]) -> Sent:
        """Tell the webhook."""
        return self._hooks.happened(event, payload)

    def lag(self, sha: Sha, fetches: int) -> None:
        """Let git not have this commit for some fetches."""
        self._git.lag[sha] = fetches

    def _serve(self, environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"]
        if path == github_graphql.PATH:
            return github_graphql.answer(self, environ, start)
        if not path.startswith(f"{API}/"):
            return self._git(environ, start)
        return self._documented({**environ, "PATH_INFO": path.removeprefix(API), "SCRIPT_NAME": API}, start)
