"""A small GitLab over HTTP: what is different there from other forges."""

from collections.abc import Mapping
from typing import Any

from tests.world.forge import ForgeWorld
from tests.world.gitlab_hooks import Hooks
from tests.world.gitlab_project import LEVELS, Member, Project
from tests.world.gitlab_rest import rest
from tests.world.hooks import Sent


class GitLabWorld(ForgeWorld[Project]):
    """Serves until it is closed; use it in a `with`. `below` is the path under which it is, like `/gitlab`."""

    name = "gitlab"
    API = "/api/v4"
    PROGRAM = "project_15_bot_4ffca233d8298ea1"
    RIGHTS = "/members/all/"
    ROOT = "/projects/"
    PULLS, COMMENTS, EMOJI = "/merge_requests/", "/notes", "/award_emoji"
    CALLS = "events"
    hooks: Hooks

    def __init__(
        self,
        token: str = "glpat-world",
        secret: str = "webhook-secret",
        signing: str = "",
        *,
        bot: str = "matinee-bot",
        below: str = "",
    ) -> None:
        self.token, self.secret, self.signing = token, secret, signing
        self.scopes = ["api"]
        """The token's."""
        self.triggers = ["merge_requests_events", "note_events"]
        """What the webhook of each project is said to tell of."""
        self.expires_at: str | None = None
        self.group = ""
        """Whose the webhook is; empty: each project has one."""
        self.biggest = 100
        """How much of a list is on one page at most."""
        self.actions: list[tuple[str, str]] = []
        """(account, quick action) that were carried out."""
        hooks = Hooks(secret, signing, lambda: self.base, self.clock)
        super().__init__(bot, hooks, rest(self), token, below=below)

    def judge(self) -> None:
        """Raise where a text of the bot's was a command to GitLab."""
        if self.quick_actions:
            raise AssertionError(f"quick actions ran with the bot's rights: {self.quick_actions}")

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
    def alert_status(self) -> str:
        """Whether GitLab calls the webhook."""
        return self.hooks.alert_status

    def deliver_in_vain(self) -> None:
        """A delivery that nobody took, whatever it told."""
        self.hooks.fail()

    def limit_next(self, verb: str = "", part: str = "", *, retry_after: int = 47, times: int = 1) -> None:
        """Answer the next requests with the rate limit."""
        headers = {"Retry-After": str(retry_after), "RateLimit-Remaining": "0"}
        self.fail_next(verb, part, status=429, times=times, message="Retry later", headers=headers)

    def test_hook(self, payload: Mapping[str, Any]) -> Sent:
        """What the button beside the webhook does."""
        return self.hooks.test(payload)

    def made(self, rights: Mapping[str, str], shared: Mapping[str, Any]) -> Project:
        """A project with these members, and the bot as one that maintains it."""
        roles = {self.bot: "maintain", **rights}
        members = {login: Member(level=LEVELS[role]) for login, role in roles.items()}
        return Project(world=self, members=members, **shared)

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
