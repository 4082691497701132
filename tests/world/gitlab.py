"""A small GitLab over HTTP: a world in which merge requests are opened, pushed to and closed."""

import itertools
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Self

from bot.core.names import Sha
from tests.world.bare import Bare, Files
from tests.world.git_http import application
from tests.world.gitlab_hooks import Hooks, Sent
from tests.world.gitlab_project import LEVELS, Member, Project
from tests.world.gitlab_rest import rest
from tests.world.late import Late
from tests.world.served import server
from tests.world.troubles import Trouble, Troubles

API = "/api/v4"
_BEGINNING = 1_767_225_600


class GitLabWorld:
    """Serves until it is closed; use it in a `with`. `below` is the path under which it is, like `/gitlab`."""

    name = "gitlab"
    PROGRAM = "project_15_bot_4ffca233d8298ea1"
    """An account that is no person's."""
    RIGHTS = "/members/all/"
    """In the path by which it is asked who may do what."""

    def __init__(
        self,
        token: str = "glpat-world",
        secret: str = "webhook-secret",
        signing: str = "",
        *,
        bot: str = "matinee-bot",
        below: str = "",
    ) -> None:
        self.token, self.secret, self.signing, self.bot = token, secret, signing, bot
        self.lock = threading.RLock()
        self.repositories: list[Project] = []
        self.scopes = ["api"]
        """The token's."""
        self.triggers = ["merge_requests_events", "note_events"]
        """What the webhook of each project is said to tell of."""
        self.expires_at: str | None = None
        self.group = ""
        """Whose the webhook is; empty: each project has one."""
        self.actions: list[tuple[str, str]] = []
        """(account, quick action) that were carried out."""
        self._people: dict[str, int] = {}
        self._seconds = itertools.count(_BEGINNING)
        self._numbers = itertools.count(1_000_000 + secrets.randbelow(10**8))
        self._hooks = Hooks(secret, signing, lambda: self.base, self.clock)
        self._root = Path(tempfile.mkdtemp(prefix="gitlab-world-"))
        self._git = Late(application(self._root, token))
        self._troubles = Troubles(rest(self))
        self._below = below
        self._server = server(self._serve)
        self.base = f"http://127.0.0.1:{self._server.server_port}{below}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
        if self.quick_actions and exception[0] is None:
            raise AssertionError(f"quick actions ran with the bot's rights: {self.quick_actions}")

    def close(self) -> None:
        """End it, with all that it kept."""
        self._server.shutdown()
        self._server.server_close()
        shutil.rmtree(self._root)

    @property
    def quick_actions(self) -> list[str]:
        """Those that ran with the bot's rights."""
        return [name for account, name in self.actions if account == self.bot]

    @property
    def settings(self) -> Mapping[str, str]:
        """What a bot needs to work with this GitLab."""
        given = {"gitlab_webhook_secret": self.secret, "gitlab_signing_token": self.signing}
        told = {name: value for name, value in given.items() if value}
        return {"gitlab_url": self.base, "gitlab_token": self.token, **told}

    @property
    def hook(self) -> str | None:
        """Where deliveries go: the bot's `http://127.0.0.1:PORT/hooks/gitlab`."""
        return self._hooks.url

    @hook.setter
    def hook(self, url: str | None) -> None:
        self._hooks.url = url

    @property
    def alert_status(self) -> str:
        """Whether GitLab calls the webhook."""
        return self._hooks.alert_status

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

    def signed(self, sent: Sent) -> dict[str, str]:
        """The headers of a delivery as they are sent now."""
        return self._hooks.signed(sent)

    def deliver_in_vain(self) -> None:
        """A delivery that nobody took, whatever it told."""
        self._hooks.failures += 1

    def test_hook(self, payload: Mapping[str, Any]) -> Sent:
        """What the button beside the webhook does."""
        return self._hooks.test(payload)

    def holding(self) -> AbstractContextManager[list[Sent]]:
        """Send nothing that happens in this `with`: the list is for the story to send, shuffle or lose."""
        return self._hooks.holding()

    def repository(self, full_name: str, files: Files | None = None, **roles: str) -> Project:
        """Make a project with these files on its default branch; `ben="write"` makes him a member, as ana is."""
        bare = Bare(self._root / f"{full_name}.git")
        now = self.tick()
        head = bare.commit("refs/heads/main", files or {"README.md": full_name}, parent=None, author="ana", at=now)
        project = Project(
            world=self,
            id=self.number(),
            full_name=full_name,
            bare=bare,
            head=head,
            created=now,
            members={
                login: Member(level=LEVELS[role])
                for login, role in {self.bot: "maintain", "ana": "write", **roles}.items()
            },
        )
        self.repositories.append(project)
        return project

    def fork(self, of: Project, owner: str) -> Project:
        """A copy of a project in somebody's own space, in which the bot is nobody."""
        name = f"{owner}/{of.full_name.rpartition('/')[2]}"
        known = next((it for it in self.repositories if it.full_name == name), None)
        if known is not None:
            return known
        made = self.repository(name, **{owner: "admin"})
        made.head = of.head
        made.members.pop(self.bot)
        return made

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

    def happened(self, event: str, payload: dict[str, Any]) -> Sent:
        """Tell the webhook."""
        return self._hooks.happened(event, payload)

    def lag(self, sha: Sha, fetches: int) -> None:
        """Let git not have this commit for some fetches."""
        self._git.lag[sha] = fetches

    def _serve(self, environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"].removeprefix(self._below)
        if not path.startswith(f"{API}/"):
            return self._git({**environ, "PATH_INFO": path}, start)
        script = f"{self._below}{API}"
        return self._troubles({**environ, "PATH_INFO": path.removeprefix(API), "SCRIPT_NAME": script}, start)
