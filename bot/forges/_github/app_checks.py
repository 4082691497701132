"""Whether GitHub can be worked with as an App: it, the clock, its rights, its webhook, and where it is installed."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from pydantic import BaseModel, TypeAdapter

from bot.core.errors import Gone
from bot.core.telling.checkup import Check, Health, all_tried, ok, tried, warning
from bot.forges._github.app import ABOUT, About, App, Installation
from bot.forges._github.clock import clock
from bot.forges._github.permissions import Permission, lacking, unheard
from bot.forges._github.places import ROUTE
from bot.forges._github.request import Request
from bot.forges._github.webhook import LAST, Config, delivered, unheard_of

if TYPE_CHECKING:
    from bot.forges._github.apis import AppApis

_MOST = 20
_APP, _HOOK = "github app", "github app webhook"
_CONFIG = TypeAdapter(Config)


class _Repository(BaseModel):
    full_name: str


def checks(apis: "AppApis", repositories: Mapping[str, str]) -> Iterator[Check]:
    """The App, and where GitHub knows it, all that one can see as it."""
    app = apis.app
    known = tried(_APP, lambda: _known(app))
    yield known
    if known.state is Health.FAILED:
        return
    yield tried("github clock", lambda: clock(app.api, ABOUT))
    yield tried("github app permissions", lambda: _permitted("github app permissions", app.about()))
    yield tried("github app events", lambda: _told("github app events", app.about()))
    yield tried(_HOOK, lambda: _webhook(app))
    yield from all_tried("github app installations", lambda: _installations(app))
    for id_, name in islice(repositories.items(), _MOST):
        yield _repository(apis, id_, name)


def _known(app: App) -> Check:
    return ok(_APP, f"GitHub takes it, as {app.about(fresh=True).slug}")


def _permitted(title: str, about: About, advice: str = "") -> Check:
    if missing := lacking(about.permissions):
        settings = "give them in the App's settings, under Permissions & events, and have each installation accept them"
        return warning(title, f"it lacks {_listed(missing)}", advice or settings)
    return ok(title, "it has all that are needed")


def _told(title: str, about: About) -> Check:
    return unheard_of(title, unheard(about.events)) or ok(title, "it is told of all that matters")


def _webhook(app: App) -> Check:
    config = app.api.ask(_get("/app/hook/config", "look at the App's webhook"), _CONFIG)
    if not config.ours:
        return warning(_HOOK, f"it does not lead to {ROUTE}", "set its URL in the App's settings")
    if config.content_type != "json":
        return warning(_HOOK, "it sends forms", "choose the content type application/json in the App's settings")
    return delivered(app.api, _HOOK, _get(f"/app/hook/deliveries{LAST}", "list the deliveries"))


def _installations(app: App) -> Iterator[Check]:
    found = app.installations()
    if not found:
        advice = "install it from its page on GitHub, on the repositories that get previews"
        yield warning("github app installations", "it is installed nowhere", advice)
    for each in found[:_MOST]:
        yield _installed(f"github app on {each.owner}", each)


def _installed(title: str, found: Installation) -> Check:
    if found.suspended_at is not None:
        return warning(title, "it is suspended", f"have an owner of {found.owner} unsuspend it, or uninstall it")
    return _permitted(title, found, f"have an owner of {found.owner} accept the new permissions that GitHub asked for")


def _repository(apis: "AppApis", id_: str, name: str) -> Check:
    title = f"github {name}"

    def look() -> Check:
        request = _get(f"/repositories/{id_}", "look at the repository")
        try:
            apis.of(id_).ask(request, TypeAdapter(_Repository))
        except Gone:
            return warning(title, "the App is not installed there", f"install it for {name}, if it is still there")
        return ok(title, "the App is installed there")

    return tried(title, look)


def _listed(missing: Iterable[Permission]) -> str:
    return ", ".join(f"{each.title}: {each.level} ({each.why})" for each in missing)


def _get(path: str, doing: str) -> Request:
    return Request(verb="GET", path=path, doing=doing, permission="the App itself")
