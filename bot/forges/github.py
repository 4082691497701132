"""GitHub: webhooks in, pulls read back by numeric id; comments, statuses, check runs and deployments out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
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
from bot.core.telling.checkup import Check, failed, ok, warning
from bot.forges._github import delivered, places, signature
from bot.forges._github import manifest as manifests
from bot.forges._github.apis import Apis, AppApis, TokenApis
from bot.forges._github.manifest import Manifest
from bot.forges.base import Origin

if TYPE_CHECKING:
    from bot.forges._github.board import Board
    from bot.forges._github.pipeline import GitHubActions

_TOKEN = re.compile(r"[\x21-\x7e]*")
_APP_ID = re.compile(r"[A-Za-z0-9._-]{0,64}")


class GitHub:
    """One GitHub, with the rights that it gave us and one webhook secret."""

    def __init__(
        self,
        *,
        url: str,
        apis: Apis | None,
        secret: str,
        spare: bool = False,
        channels: frozenset[Channel] = ALL,
    ) -> None:
        self._url = url
        self._given = apis
        self._spare = spare
        """Whether there is a token beside the App, for nothing."""
        self._secret = secret.encode()
        self._channels = channels
        self._boards: dict[EnvironmentId, Board] = {}

    def verify(self, delivery: Delivery) -> Forged | None:
        """Check the signature over the raw bytes; None where it holds."""
        return signature.refusal(delivery, self._secret)

    def read(self, delivery: Delivery) -> Tidings | Ignored | Malformed:
        """What a verified delivery says; no text of whatever form raises."""
        return delivered.read(delivery)

    def delivery(self, event: str, body: bytes) -> Delivery:
        """A delivery of this event with this body as the forge sends it, but unsigned."""
        return delivered.delivery(event, body)

    def checks(self, repositories: Mapping[str, str], *, mend: bool = False) -> Iterator[Check]:
        """Look whether it can be worked with, and with these repositories (id to name); raises nothing.

        There is nothing to mend: GitHub gives no webhook up.
        """
        del mend
        secret = self._secret.strip()
        if not (self._given or secret):
            yield ok("github", "not set up: there is neither a token nor a webhook secret")
            return
        signed = "github webhook secret"
        yield ok(signed, "one is set") if secret else failed(signed, Misused(_UNSIGNED))
        if not self._given:
            yield failed("github token", Misused(_UNTOLD))
            return
        if self._spare:
            yield warning("github token", "it is not used, since the App is set", "take MATINEE_GITHUB_TOKEN away")
        yield from self._given.checks(repositories)

    def pull(self, key: PullKey) -> Pull:
        """The pull as it is now; raises `Gone` where it is not to be found."""
        if not key.repository.isdecimal():
            raise Gone(f"GitHub's repositories have a number, {key.repository} is none")
        from bot.forges._github.pull import pull

        return pull(self._apis.of(key.repository), key)

    def open_pulls(self, repository: str) -> Iterator[Pull]:
        """Every open pull of the repository with this number; raises `Gone` where it is not to be found."""
        from bot.forges._github.facts import open_pulls

        return open_pulls(self._apis.of(repository), repository)

    def permission(self, key: PullKey, actor: ActorId, login: str) -> Permission:
        """What this account may do in the pull's repository, asked by its number; NONE for whoever is unknown there."""
        del login
        from bot.forges._github.facts import permission

        return permission(self._apis.of(key.repository), key, actor)

    def confirm(self, told: Commented) -> Ignored | None:
        """Believe it unasked: the signature is over a body that GitHub alone writes."""
        del told
        return None

    def acted(self, pull: Pull, actor: ActorId) -> bool:
        """Believe it unasked, for the same reason."""
        del pull, actor
        return True

    def base(self, pull: Pull) -> Sha:
        """The newest commit of the branch that the pull is to go into."""
        from bot.forges._github.facts import base

        return base(self._apis.of(pull.key.repository), pull)

    def merge_base(self, pull: Pull) -> Sha:
        """The commit from which the pull's branch went its own way."""
        from bot.forges._github.facts import merge_base

        return merge_base(self._apis.of(pull.key.repository), pull)

    def lost(self, repositories: Iterable[str], since: datetime) -> Iterator[Delivery]:
        """Deliveries since then that nobody took, as GitHub itself shows them."""
        return self._apis.lost(repositories, since)

    def origin(self, pull: Pull) -> Origin:
        """Where to fetch the pull's commits."""
        return Origin(
            url=places.repository(self._url, pull.repository),
            header=self._given.fetching(pull.key.repository) if self._given else None,
        )

    def tell(self, pull: Pull, report: Report) -> None:
        """Show the report on the pull: one comment, a status, deployments and, for an App, a check run."""
        from bot.forges._github.board import Board

        environment = pull.key.environment
        board = self._boards.setdefault(environment, Board(pull.key, self._channels))
        board.show(self._apis.of(pull.key.repository), report, check_runs=self._apis.check_runs)
        if report.state is State.DELETED:
            self._boards.pop(environment, None)

    def react(self, key: PullKey, to: Remark, sign: Sign) -> None:
        """Acknowledge a remark on the pull, where that is possible; it fails nothing."""
        from bot.forges._github.reaction import react

        react(self._apis.of(key.repository), key, to, sign)

    def reply(self, key: PullKey, to: Remark | None, body: str) -> None:
        """Answer a remark on the pull, once: an answer that is there already is edited."""
        from bot.forges._github.reply import reply

        reply(self._apis.of(key.repository), key, to, body)

    @property
    def _apis(self) -> Apis:
        if self._given is None:
            raise Misused(_UNTOLD)
        return self._given


_UNSIGNED = (
    "GitHub: no webhook secret is set, so nothing that arrives could be believed; "
    "set MATINEE_GITHUB_WEBHOOK_SECRET to the secret of the webhook on GitHub"
)
_UNTOLD = (
    "GitHub: neither a token nor an App is set, so no pull can be read and nothing told; set MATINEE_GITHUB_TOKEN, "
    "or MATINEE_GITHUB_APP_ID and MATINEE_GITHUB_PRIVATE_KEY_FILE, as docs/github.md says"
)
_HALF = (
    "GitHub: an App has both an id and a private key; set MATINEE_GITHUB_APP_ID and MATINEE_GITHUB_PRIVATE_KEY_FILE, "
    "or neither"
)


def missing(settings: Mapping[str, str]) -> str | None:
    """What is missing to receive webhooks, in one sentence; None where nothing is."""
    if not settings.get("github_webhook_secret", "").strip():
        return _UNSIGNED
    given = any(settings.get(name, "").strip() for name in ("github_token", "github_app_id"))
    return None if given else _UNTOLD


def manifest(settings: Mapping[str, str], name: str, organization: str | None) -> tuple[Manifest, str]:
    """The manifest of an App for this bot, and the page of GitHub on which such an App is made."""
    made = manifests.manifest(name, places.public(settings.get("public_url", "")))
    return made, manifests.link(places.web(places.api(settings.get("github_url", ""))), made, organization)


def pipeline(environment: Mapping[str, str]) -> "GitHubActions | None":
    """The job of GitHub Actions in which this process runs; None where it runs in none."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return None
    from bot.forges._github.pipeline import GitHubActions

    return GitHubActions(environment)


def create(settings: Mapping[str, str]) -> GitHub:
    """GitHub as the settings describe it; a wrong address or token is refused here, nothing is asked of it yet."""
    token = settings.get("github_token", "").strip()
    if not _TOKEN.fullmatch(token):
        raise Misused("MATINEE_GITHUB_TOKEN has characters that no token has; set it again, without quotes or spaces")
    url = places.api(settings.get("github_url", ""))
    app = _app(url, settings)
    apis = app or (TokenApis(url, token) if token else None)
    secret = settings.get("github_webhook_secret", "")
    told = channels(settings.get("tell", "true"))
    return GitHub(url=url, apis=apis, secret=secret, spare=bool(app and token), channels=told)


def _app(url: str, settings: Mapping[str, str]) -> AppApis | None:
    id_, key = (settings.get(name, "").strip() for name in ("github_app_id", "github_private_key"))
    if bool(id_) != bool(key):
        raise Misused(_HALF)
    if not _APP_ID.fullmatch(id_):
        raise Misused("MATINEE_GITHUB_APP_ID is no App ID; it is the number at the top of the App's settings")
    return AppApis(url, id_, key.replace("\\n", "\n")) if id_ else None
