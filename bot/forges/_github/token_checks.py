"""Whether GitHub can be worked with by a token: it, the clock, and of each repository its rights and its webhook."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.core.errors import Gone, Unavailable
from bot.core.telling.checkup import Check, Health, ok, tried, warning
from bot.forges._github.api import Api, Forbidden, Rejected, Request
from bot.forges._github.clock import clock
from bot.forges._github.credentials import WHOSE
from bot.forges._github.payload import User
from bot.forges._github.permissions import PERMISSIONS, Permission, unheard
from bot.forges._github.places import ROUTE
from bot.forges._github.webhook import LAST, Config, delivered, unheard_of

_MOST = 20
_SOON = timedelta(days=14)
_SCOPES = frozenset({"repo", "public_repo"})


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Rights(_Shape):
    push: bool


class _Repository(_Shape):
    permissions: _Rights | None = None
    default_branch: str = "main"


class _Hook(_Shape):
    id: int
    active: bool
    events: list[str]
    config: Config


_HOOKS = TypeAdapter(list[_Hook])
_PROBES = {
    "contents": "/git/ref/heads/{branch}",
    "pull_requests": "/pulls?per_page=1",
    "deployments": "/deployments?per_page=1",
}
"""What shows whether a fine-grained token has a permission at all; of a public repository all may be read."""


def checks(api: Api, repositories: Mapping[str, str]) -> Iterator[Check]:
    """The token, and where GitHub takes it, all that one can see with it."""
    token = tried("github token", lambda: _token(api))
    yield token
    if token.state is Health.FAILED:
        return
    yield tried("github clock", lambda: clock(api, WHOSE))
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


def _repository(api: Api, id_: str, name: str) -> Check:
    title = f"github {name}"

    def look() -> Check:
        try:
            found = api.ask(_request(id_, "", "look at the repository", "metadata: read"), TypeAdapter(_Repository))
        except Gone:
            return warning(title, "GitHub does not show it", f"let the token see {name}, if it is still there")
        if found.permissions is not None and not found.permissions.push:
            return warning(title, "the token may read but not write there", "give it write rights: it comments")
        if missing := [each for each in PERMISSIONS if _hidden(api, id_, found, each)]:
            why = f"the token lacks {', '.join(f'{each.title}: {each.level} ({each.why})' for each in missing)}"
            return warning(title, why, "give it these permissions in its settings")
        return ok(title, "the token may read it")

    return tried(title, look)


def _hidden(api: Api, id_: str, found: _Repository, permission: Permission) -> bool:
    probe = _PROBES.get(permission.name)
    if probe is None:
        return False
    path = probe.format(branch=quote(found.default_branch))
    try:
        api.send(_request(id_, path, f"look whether {permission.title} may be read", permission.name))
    except Forbidden:
        return True
    except (Gone, Rejected):
        return False  # there is nothing yet, as in a repository without a commit
    return False


def _webhook(api: Api, id_: str, name: str) -> Check:
    title = f"github {name} webhook"

    def look() -> Check:
        try:
            hooks = api.ask(_request(id_, "/hooks", "list the webhooks", "webhooks: read"), _HOOKS)
        except (Gone, Forbidden):
            return ok(
                title,
                "the token may not see webhooks: nothing is told of it, nor found what it could not deliver",
            )
        ours = next((hook for hook in hooks if hook.config.ours), None)
        if ours is None:
            return warning(title, f"none leads to {ROUTE}", "add one in its settings, unless its organisation has one")
        last = _request(id_, f"/hooks/{ours.id}/deliveries{LAST}", "list the deliveries", "webhooks: read")
        return _wrongly_set(title, ours) or delivered(api, title, last)

    return tried(title, look)


def _wrongly_set(title: str, hook: _Hook) -> Check | None:
    if not hook.active:
        return warning(title, "it is switched off", "switch it on in the repository's settings")
    if hook.config.content_type != "json":
        return warning(title, "it sends forms", "choose the content type application/json in its settings")
    return unheard_of(title, [each for each in unheard(hook.events) if not each.of_app])


def _request(id_: str, path: str, doing: str, permission: str) -> Request:
    if not id_.isdecimal():
        raise Unavailable(f"{id_} is no number of a repository of GitHub's; forget its previews")
    return Request(verb="GET", path=f"/repositories/{id_}{path}", doing=doing, permission=permission)
