"""Whether GitLab can be worked with: the token, the clock, and of each project its rights, webhook, environments."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from pydantic import Field, TypeAdapter

from bot.core.errors import Gone, Unavailable
from bot.core.telling.checkup import Check, Health, ok, tried, warning
from bot.forges import _clock
from bot.forges._gitlab.api import WHOSE, Api
from bot.forges._gitlab.environment_checks import environments
from bot.forges._gitlab.hook import webhook
from bot.forges._gitlab.payload import Shape, User
from bot.forges._gitlab.request import Forbidden, Rejected, Request

_MOST = 20
_SOON = timedelta(days=14)
_DEVELOPER = 30
_ITSELF = Request(
    verb="GET", path="/personal_access_tokens/self", doing="look at the token itself", rights="any scope of its own"
)


class _Token(Shape):
    scopes: tuple[str, ...] = Field(default=(), strict=False)
    expires_at: str | None = None


class _Access(Shape):
    access_level: int


class _Permissions(Shape):
    project_access: _Access | None = None
    group_access: _Access | None = None


class _Project(Shape):
    permissions: _Permissions | None = None


_TOKEN = TypeAdapter(_Token)
_PROJECT = TypeAdapter(_Project)


def checks(api: Api, repositories: Mapping[str, str], *, mend: bool) -> Iterator[Check]:
    """The token, and where GitLab takes it, all that one can see with it; with `mend` a webhook is called again."""
    token = tried("gitlab token", lambda: _token(api))
    yield token
    if token.state is Health.FAILED:
        return
    yield tried("gitlab clock", lambda: _time(api))
    for id_, name in list(repositories.items())[:_MOST]:
        yield _project(api, id_, name)
        yield webhook(api, id_, name, mend=mend)
        yield environments(api, id_, name)


def _token(api: Api) -> Check:
    title = "gitlab token"
    said = f"GitLab takes it, as {api.ask(WHOSE, TypeAdapter(User)).username}"
    try:
        itself = api.ask(_ITSELF, _TOKEN)
    except (Gone, Forbidden, Rejected):
        return ok(title, f"{said}; it tells nothing of its scopes")
    if "api" not in itself.scopes:
        scopes = ", ".join(itself.scopes) or "none"
        return warning(title, f"{said}, but of its scopes ({scopes}) none lets it write", "give it the scope api")
    if ends := _ending(itself.expires_at):
        return warning(title, f"{said}; it ends on {ends:%Y-%m-%d}", "make a new one before, and set it")
    return ok(title, said)


def _ending(text: str | None) -> date | None:
    """When the token ends, where that is soon."""
    try:
        ends = date.fromisoformat(text or "")
    except ValueError:
        return None
    return ends if ends - datetime.now(UTC).date() < _SOON else None


def _time(api: Api) -> Check:
    before = _clock.now()
    said = api.headers(WHOSE).get("date", "")
    return _clock.beside("gitlab clock", "GitLab", said, before, _clock.now())


def _project(api: Api, id_: str, name: str) -> Check:
    title = f"gitlab {name}"

    def look() -> Check:
        if not id_.isdecimal():
            raise Unavailable(f"{id_} is no number of a project of GitLab's; forget its previews")
        asked = Request(verb="GET", path=f"/projects/{id_}", doing="look at the project", rights="the scope api")
        try:
            found = api.ask(asked, _PROJECT).permissions
        except Gone:
            return warning(title, "GitLab does not show it", f"let the token see {name}, if it is still there")
        given = (found.project_access, found.group_access) if found else ()
        if max((each.access_level for each in given if each), default=_DEVELOPER) < _DEVELOPER:
            why = "the token may read but put no status on a commit there"
            return warning(title, why, "give its account the role Developer")
        return ok(title, "the token may read it")

    return tried(title, look)
