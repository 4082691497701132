"""A small GitHub over HTTP: what is different there from other forges."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from tests.world import github_graphql
from tests.world.bare import Files
from tests.world.documented import Documented
from tests.world.forge import ForgeWorld
from tests.world.github_app import App
from tests.world.github_hooks import Hooks
from tests.world.github_repository import Repository
from tests.world.github_rest import rest
from tests.world.github_rights import opened
from tests.world.hooks import Sent

API = "/api/v3"


class GitHubWorld(ForgeWorld[Repository]):
    """Serves until it is closed; use it in a `with`."""

    name = "github"
    API = API
    PROGRAM = "renovate[bot]"
    RIGHTS = "/permission"
    ROOT = "/repositories/"
    PULLS, COMMENTS, EMOJI = "/pulls/", "/comments", "/reactions"
    CALLS = "deliveries"

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
        self.headers: dict[str, str] = {}
        """What every answer of the REST API has besides its own."""
        self.viewer = "told"
        """What GraphQL says of whoever asks: or `an error`, or `nothing there` where it is not served."""
        self.events = ["*"]
        """What the webhook of each repository is said to tell of."""
        hooks = Hooks(secret, self.clock, of_app=app)
        account = "github-actions[bot]" if job is not None else f"{bot}[bot]" if app else bot
        super().__init__(account, hooks, rest(self), partial(opened, self))
        self._rest = self._documented = Documented(self._rest)
        self.app = App(self, bot) if app else None
        """With one, it is installed wherever a repository is made, and the bot is it."""

    def judge(self) -> None:
        """Raise where the bot called what GitHub does not document."""
        if self._documented.strange:
            raise AssertionError("calls that GitHub does not document:\n" + "\n".join(self._documented.strange))

    @property
    def settings(self) -> Mapping[str, str]:
        """What a bot needs to work with this GitHub."""
        rights = {"github_token": self.token}
        if self.app:
            rights = {"github_app_id": str(self.app.id), "github_private_key": self.app.key}
        return {"github_url": f"{self.base}{API}", **rights, "github_webhook_secret": self.secret}

    def ping(self) -> Sent:
        """What GitHub sends when a webhook is set up."""
        return self.happened("ping", {"zen": "Keep it logically awesome.", "hook_id": 4242, "hook": {"id": 4242}})

    def repository(self, full_name: str, files: Files | None = None, **rights: str) -> Repository:
        """Make a repository, where the App, if there is one, is installed."""
        repository = super().repository(full_name, files, **rights)
        if self.app and self.app.of(repository) is None:
            self.app.install(full_name.partition("/")[0])
        return repository

    def made(self, rights: Mapping[str, str], shared: Mapping[str, Any]) -> Repository:
        """A repository in which people have these permissions."""
        for login in rights:
            self.person(login)
        return Repository(world=self, permissions=dict(rights), **shared)

    def limit_next(self, verb: str = "", part: str = "", *, retry_after: int = 47, times: int = 1) -> None:
        """Answer the next requests with the secondary rate limit."""
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        headers = {"Retry-After": str(retry_after)}
        self.fail_next(verb, part, status=403, times=times, message=message, headers=headers)

    def _serve(self, environ: dict[str, Any], start: Any) -> Any:
        if environ["PATH_INFO"] == github_graphql.PATH:
            return github_graphql.answer(self, environ, start)
        return super()._serve(environ, start)
