"""Whether GitHub can be worked with: the token, the clock, and of each repository its rights and its webhook."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.core.errors import Gone, Unavailable
from bot.core.telling.checkup import Check, Health, ok, tried, warning
from bot.forges._github.api import Api, Forbidden, Request
from bot.forges._github.credentials import WHOSE
from bot.forges._github.payload import User

DRIFT = timedelta(seconds=30)
"""From which on a clock is wrong: tokens and signatures of others have not much more patience."""
_MOST = 20
_SOON = timedelta(days=14)
_SCOPES = frozenset({"repo", "public_repo"})
_ROUTE = "/hooks/github"


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Rights(_Shape):
    push: bool


class _Repository(_Shape):
    permissions: _Rights | None = None


class _Config(_Shape):
    url: str = ""
    content_type: str = "json"


class _Hook(_Shape):
    id: int
    active: bool
    events: list[str]
    config: _Config


class _Delivered(_Shape):
    event: str
    status_code: int


_HOOKS = TypeAdapter(list[_Hook])
_DELIVERIES = TypeAdapter(list[_Delivered])


def checks(api: Api, repositories: Mapping[str, str]) -> Iterator[Check]:
    """The token, and where GitHub takes it, all that one can see with it."""
    token = tried("github token", lambda: _token(api))
    yield token
    if token.state is Health.FAILED:
        return
    yield tried("github clock", lambda: _clock(api))
    for id_, name in list(repositories.items())[:_MOST]:
        yield _repository(api, id_, name)
        yield _webhook(api, id_, name)


def _token(api: Api) -> Check:
    owner, headers = api.ask(WHOSE, TypeAdapter(User)).login, api.headers(WHOSE)
    left = headers.get("x-ratelimit-remaining", "")
    said = f"GitHub takes it, as {owner}" + (f"; {left} requests are left this hour" if left.isdecimal() else "")
    if ends := _ending(headers.get("github-authentication-token-expiration", "")):
        return warning("github token", f"{said}; it ends on {ends:%Y-%m-%d}", "make a new one before, and set it")
    scopes = headers.get("x-oauth-scopes")
    if scopes is not None and not _SCOPES & {scope.strip() for scope in scopes.split(",")}:
        why = f"{said}, but of its scopes ({scopes or 'none'}) none lets it write"
        return warning("github token", why, "give it the scope repo, or public_repo where all repositories are public")
    return ok("github token", said)


def _ending(text: str) -> datetime | None:
    """When the token ends, where that is soon."""
    try:
        ends = datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return ends if ends - datetime.now(UTC) < _SOON else None


def _clock(api: Api) -> Check:
    before = datetime.now(UTC)
    said = api.headers(WHOSE).get("date", "")
    after = datetime.now(UTC)
    try:
        theirs = parsedate_to_datetime(said)
    except ValueError:
        return ok("github clock", "GitHub tells no time")
    if theirs.tzinfo is None:
        return ok("github clock", "GitHub tells no time that can be read")
    drift = (before + (after - before) / 2 - theirs).total_seconds()
    if abs(drift) > DRIFT.total_seconds():
        why = f"this machine's clock is {abs(drift):.0f} s {'ahead of' if drift > 0 else 'behind'} GitHub's"
        return warning("github clock", why, "let the machine keep its time by NTP")
    return ok("github clock", "this machine's clock is GitHub's, within 30 s")


def _repository(api: Api, id_: str, name: str) -> Check:
    title = f"github {name}"

    def look() -> Check:
        try:
            found = api.ask(_request(id_, "", "look at the repository", "metadata: read"), TypeAdapter(_Repository))
        except Gone:
            return warning(title, "GitHub does not show it", f"let the token see {name}, if it is still there")
        if found.permissions is not None and not found.permissions.push:
            return warning(title, "the token may read but not write there", "give it write rights: it comments")
        return ok(title, "the token may read it")

    return tried(title, look)


def _webhook(api: Api, id_: str, name: str) -> Check:
    title = f"github {name} webhook"

    def look() -> Check:
        try:
            hooks = api.ask(_request(id_, "/hooks", "list the webhooks", "webhooks: read"), _HOOKS)
        except (Gone, Forbidden):
            return ok(title, "the token may not see webhooks, and need not: nothing can be told of it")
        ours = next((hook for hook in hooks if urlsplit(hook.config.url).path.endswith(_ROUTE)), None)
        if ours is None:
            return warning(title, f"none leads to {_ROUTE}", "add one in its settings, unless its organisation has one")
        return _wrongly_set(title, ours) or _delivered(api, id_, title, ours)

    return tried(title, look)


def _wrongly_set(title: str, hook: _Hook) -> Check | None:
    if not hook.active:
        return warning(title, "it is switched off", "switch it on in the repository's settings")
    if hook.config.content_type != "json":
        return warning(title, "it sends forms", "choose the content type application/json in its settings")
    if not {"pull_request", "*"} & set(hook.events):
        return warning(title, "it does not tell of pull requests", "choose the event Pull requests in its settings")
    return None


def _delivered(api: Api, id_: str, title: str, hook: _Hook) -> Check:
    path = f"/hooks/{hook.id}/deliveries?per_page=30"
    sent = api.ask(_request(id_, path, "list the deliveries", "webhooks: read"), _DELIVERIES)
    wrong = [each for each in sent if not 200 <= each.status_code < 300]
    if not wrong:
        return ok(title, f"the last {len(sent)} deliveries arrived" if sent else "it has delivered nothing yet")
    answer = wrong[0].status_code or "nothing"
    why = f"{len(wrong)} of the last {len(sent)} deliveries failed; the newest of them was answered with {answer}"
    if sent[0] is not wrong[0]:
        return ok(title, f"{why}; later ones arrived")
    return warning(title, why, _mending(wrong[0].status_code))


def _mending(code: int) -> str:
    if code == 401:
        return "set MATINEE_GITHUB_WEBHOOK_SECRET to the secret that the webhook has"
    return "see that its address leads to the bot, then redeliver them in the webhook's settings"


def _request(id_: str, path: str, doing: str, permission: str) -> Request:
    if not id_.isdecimal():
        raise Unavailable(f"{id_} is no number of a repository of GitHub's; forget its previews")
    return Request(verb="GET", path=f"/repositories/{id_}{path}", doing=doing, permission=permission)
