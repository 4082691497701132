"""A small GitLab over HTTP: what is different there from other forges."""

from collections.abc import Mapping
from typing import Any

from tests.world.forge import ForgeWorld
from tests.world.gitlab_hooks import Hooks
from tests.world.gitlab_project import LEVELS, Member, Project
from tests.world.gitlab_rest import rest


class GitLabWorld(ForgeWorld[Project]):
    """Serves until it is closed; use it in a `with`. `below` is the path under which it is, like `/gitlab`."""

    name = "gitlab"
    API = "/api/v4"
    PROGRAM = "project_15_bot_4ffca233d8298ea1"
    RIGHTS = "/members/all/"
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
        self.hooks.failures += 1

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
