"""A project's webhook as GitLab has it: where it leads, what it tells, and whether GitLab still calls it."""

from urllib.parse import urlsplit

from pydantic import TypeAdapter

from bot.core.errors import Gone, Unavailable
from bot.core.telling.checkup import Check, ok, tried, warning
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.payload import Id, Shape
from bot.forges._gitlab.request import Forbidden, Request

ROUTE = "/hooks/gitlab"
_MEND = "see that its address leads to the bot, then send a test in the project's webhook settings, which enables it"


class Hook(Shape):
    """How it is set."""

    id: Id
    url: str
    merge_requests_events: bool = False
    note_events: bool = False
    alert_status: str = "executable"
    disabled_until: str | None = None

    @property
    def ours(self) -> bool:
        """Whether it leads to a bot."""
        return urlsplit(self.url).path.endswith(ROUTE)


HOOKS = TypeAdapter(list[Hook])


def webhook(api: Api, id_: str, name: str) -> Check:
    """What there is to see of it."""
    title = f"gitlab {name} webhook"
    return tried(title, lambda: _seen(title, api, id_))


def listed(id_: str) -> Request:
    """What asks for the webhooks of the project of this number."""
    return Request(verb="GET", path=f"/projects/{id_}/hooks", doing="list the webhooks", rights="the role Maintainer")


def _seen(title: str, api: Api, id_: str) -> Check:
    if not id_.isdecimal():
        raise Unavailable(f"{id_} is no number of a project of GitLab's; forget its previews")
    try:
        hooks = list(api.pages(listed(id_), HOOKS))
    except (Gone, Forbidden):
        return ok(title, "the token may not see webhooks, and need not: nothing can be told of it")
    ours = next((hook for hook in hooks if hook.ours), None)
    if ours is None:
        return warning(title, f"none leads to {ROUTE}", "add one in its settings, unless its group has one")
    return _state(title, ours)


def _state(title: str, hook: Hook) -> Check:
    if hook.alert_status == "disabled":
        return warning(title, "GitLab has switched it off, since it was answered wrongly again and again", _MEND)
    if hook.alert_status == "temporarily_disabled":
        until = f" until {hook.disabled_until}" if hook.disabled_until else " for a while"
        return warning(title, f"GitLab does not call it{until}, since it was answered wrongly", _MEND)
    told = {"merge request events": hook.merge_requests_events, "comments": hook.note_events}
    if missing := [event for event, tells in told.items() if not tells]:
        return warning(title, f"it does not tell of {' and '.join(missing)}", "choose these triggers in its settings")
    return ok(title, "it leads here and tells what is needed")
