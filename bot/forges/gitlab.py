"""GitLab: webhooks in, merge requests read back by numeric id, one note and one commit status out."""

import base64
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from bot.core.errors import Gone, Misused
from bot.core.events import (
    ActorId,
    Commented,
    Delivery,
    Forged,
    Ignored,
    Malformed,
    Pull,
    PullKey,
    Remark,
    Sign,
    Tidings,
)
from bot.core.names import EnvironmentId, Sha
from bot.core.permission import Permission
from bot.core.report import Report, State
from bot.core.telling.channel import ALL, Channel, channels
from bot.core.telling.checkup import Check, failed, ok
from bot.forges._gitlab import payload, places, signature
from bot.forges._gitlab.roles import WRITING
from bot.forges.base import Origin

if TYPE_CHECKING:
    from bot.forges._gitlab.api import Api
    from bot.forges._gitlab.board import Board
    from bot.forges._gitlab.lost import Blind
    from bot.forges._gitlab.pipeline import GitLabCI

_TOKEN = re.compile(r"[\x21-\x7e]*")


class GitLab:
    """One GitLab, with one token and what its webhooks were given."""

    def __init__(
        self,
        *,
        url: str,
        token: str,
        secrets: signature.Secrets,
        writes: str = "developer",
        channels: frozenset[Channel] = ALL,
    ) -> None:
        self._url = url
        self._token = token
        self._writes = writes
        self._secrets = secrets
        self._channels = channels
        self._lock = Lock()
        self._made: Api | None = None
        self._blind: Blind | None = None
        self._boards: dict[EnvironmentId, Board] = {}

    def verify(self, delivery: Delivery) -> Forged | None:
        """Check the token and the signature over the raw bytes; None where they hold."""
        return signature.refusal(delivery, self._secrets, time.time())

    def read(self, delivery: Delivery) -> Tidings | Ignored | Malformed:
        """What a verified delivery says; no text of whatever form raises."""
        return payload.read(delivery)

    def delivery(self, event: str, body: bytes) -> Delivery:
        """A delivery of this event with this body as the forge sends it, but unsigned."""
        return payload.delivery(event, body)

    def checks(self, repositories: Mapping[str, str], *, mend: bool = False) -> Iterator[Check]:
        """Look whether it can be worked with, and with these repositories (id to name); raises nothing."""
        if not (self._token or self._secrets):
            yield ok("gitlab", "not set up: there is neither a token nor a webhook secret")
            return
        signed = "gitlab webhook secret"
        yield ok(signed, "one is set") if self._secrets else failed(signed, Misused(_UNSIGNED))
        if not self._token:
            yield failed("gitlab token", Misused(_UNTOLD))
            return
        from bot.forges._gitlab.checks import checks

        yield from checks(self._api, repositories, mend=mend)

    def pull(self, key: PullKey) -> Pull:
        """The pull as it is now; raises `Gone` where it is not to be found."""
        if not key.repository.isdecimal():
            raise Gone(f"GitLab's projects have a number, {key.repository} is none")
        from bot.forges._gitlab.facts import pull

        return pull(self._api, key)

    def open_pulls(self, repository: str) -> Iterator[Pull]:
        """Every open pull of the repository with this number; raises `Gone` where it is not to be found."""
        if not repository.isdecimal():
            raise Gone(f"GitLab's projects have a number, {repository} is none")
        from bot.forges._gitlab.facts import open_pulls

        return open_pulls(self._api, repository)

    def permission(self, key: PullKey, actor: ActorId, login: str) -> Permission:
        """What this account may do in the pull's repository, asked by its number; NONE for whoever is unknown there."""
        del login
        from bot.forges._gitlab.facts import permission

        return permission(self._api, key, actor, writes=self._writes)

    def confirm(self, told: Commented) -> Ignored | None:
        """Why a note is not what it was told to be: whoever may edit some project's webhook may write its body."""
        from bot.forges._gitlab.evidence import confirm

        return confirm(self._api, told)

    def acted(self, pull: Pull, actor: ActorId) -> bool:
        """Whether the account opened the pull, pushed its head, or did what else brings a deploy, as GitLab shows."""
        from bot.forges._gitlab.evidence import acted

        return acted(self._api, pull, actor)

    def base(self, pull: Pull) -> Sha:
        """The newest commit of the branch that the pull is to go into."""
        from bot.forges._gitlab.facts import base

        return base(self._api, pull)

    def merge_base(self, pull: Pull) -> Sha:
        """The commit from which the pull's branch went its own way."""
        from bot.forges._gitlab.facts import merge_base

        return merge_base(self._api, pull)

    def lost(self, repositories: Iterable[str], since: datetime) -> Iterator[Delivery]:
        """Deliveries since then that nobody took, as GitLab itself shows them."""
        from bot.forges._gitlab.lost import Blind, of_projects

        self._blind = self._blind or Blind()
        return of_projects(self._api, repositories, since, self._blind)

    def origin(self, pull: Pull) -> Origin:
        """Where to fetch the pull's commits."""
        code = base64.b64encode(f"oauth2:{self._token}".encode()).decode()
        return Origin(
            url=places.repository(self._url, pull.repository),
            header=f"Authorization: Basic {code}" if self._token else None,
        )

    def tell(self, pull: Pull, report: Report) -> None:
        """Show the report on the pull: one note, edited in place, and a status on the commit."""
        from bot.forges._gitlab.board import Board

        environment = pull.key.environment
        self._boards.setdefault(environment, Board(self._channels)).show(self._api, pull, report)
        if report.state is State.DELETED:
            self._boards.pop(environment, None)

    def react(self, key: PullKey, to: Remark, sign: Sign) -> None:
        """Acknowledge a remark on the pull, where that is possible; it fails nothing."""
        from bot.forges._gitlab.award import react

        react(self._api, key, to, sign)

    def reply(self, key: PullKey, to: Remark | None, body: str) -> None:
        """Answer a remark on the pull, once: an answer that is there already is edited."""
        from bot.forges._gitlab.reply import reply

        reply(self._api, key, to, body)

    @property
    def _api(self) -> "Api":
        if not self._token:
            raise Misused(_UNTOLD)
        from bot.forges._gitlab.api import Api

        with self._lock:
            self._made = self._made or Api(self._url, self._token)
            return self._made


_UNSIGNED = (
    "GitLab: neither a webhook secret nor a signing token is set, so nothing that arrives could be believed; "
    "set MATINEE_GITLAB_WEBHOOK_SECRET or MATINEE_GITLAB_SIGNING_TOKEN to the webhook's"
)
_UNTOLD = (
    "GitLab: no token is set, so no merge request can be read and nothing told; set MATINEE_GITLAB_TOKEN as "
    "docs/gitlab.md says, or for jobs of a pipeline as docs/gitlab-ci.md says, under Settings, CI/CD, Variables, "
    "masked and not protected"
)


def missing(settings: Mapping[str, str]) -> str | None:
    """What is missing to receive webhooks, in one sentence; None where nothing is."""
    if not any(settings.get(name, "").strip() for name in ("gitlab_webhook_secret", "gitlab_signing_token")):
        return _UNSIGNED
    return None if settings.get("gitlab_token", "").strip() else _UNTOLD


def pipeline(environment: Mapping[str, str]) -> "GitLabCI | None":
    """The job of GitLab CI in which this process runs; None where it runs in none."""
    if environment.get("GITLAB_CI") != "true":
        return None
    from bot.forges._gitlab.pipeline import GitLabCI

    return GitLabCI(environment)


def create(settings: Mapping[str, str]) -> GitLab:
    """GitLab as the settings describe it; a wrong address or token is refused here, nothing is asked of it yet."""
    token = settings.get("gitlab_token", "").strip()
    if not _TOKEN.fullmatch(token):
        raise Misused("MATINEE_GITLAB_TOKEN has characters that no token has; set it again, without quotes or spaces")
    secrets = signature.secrets(settings.get("gitlab_webhook_secret", ""), settings.get("gitlab_signing_token", ""))
    writes = settings.get("gitlab_role", "").strip().lower() or "developer"
    if writes not in WRITING:
        raise Misused(f"MATINEE_GITLAB_ROLE: {writes!r} is none of {', '.join(WRITING)}")
    url, told = places.base(settings.get("gitlab_url", "")), channels(settings.get("tell", "true"))
    return GitLab(url=url, token=token, secrets=secrets, writes=writes, channels=told)
