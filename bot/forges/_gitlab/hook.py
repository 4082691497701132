"""A webhook as GitLab has it: where it leads, what it tells, whether GitLab calls it, and how it may again."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pydantic import TypeAdapter

from bot.core.errors import Gone, Limited, Unavailable
from bot.core.telling.checkup import Check, ok, tried, warning
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.payload import Id, Shape
from bot.forges._gitlab.request import Forbidden, Rejected, Request

ROUTE = "/hooks/gitlab"
_MEND = "see that its address leads to the bot, then let `matinee doctor --mend` send it a test, which enables it"
_BY_HAND = "send a test in the webhook's settings, which enables it"
_SECRETS = "see that the bot runs, that the address leads to it and that both have the same secret"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    hook: Hook
    place: str
    """Whose it is: `/projects/15` or `/groups/acme%2Fweb`."""


def webhook(api: Api, id_: str, name: str, *, mend: bool) -> Check:
    """What there is to see of it; with `mend` one that is called no more is tested, and called again if it answers."""
    title = f"gitlab {name} webhook"
    return tried(title, lambda: _seen(title, api, id_, name, mend=mend))


def listed(id_: str) -> Request:
    """What asks for the webhooks of the project of this number."""
    return _listed(f"/projects/{id_}")


def _seen(title: str, api: Api, id_: str, name: str, *, mend: bool) -> Check:
    if not id_.isdecimal():
        raise Unavailable(f"{id_} is no number of a project of GitLab's; forget its previews")
    try:
        hooks = list(api.pages(listed(id_), HOOKS))
    except (Gone, Forbidden):
        return ok(title, "the token may not see webhooks, and need not: nothing can be told of it")
    mine = (_Found(hook=hook, place=f"/projects/{id_}") for hook in hooks if hook.ours)
    found = next(mine, None) or next(_of_groups(api, name), None)
    if found is None:
        return warning(title, f"none leads to {ROUTE}", "add one in its settings, unless its group has one")
    if mend and found.hook.alert_status != "executable":
        return _mended(title, api, found)
    return _state(title, found.hook)


def _of_groups(api: Api, name: str) -> Iterator[_Found]:
    """Those of the groups that the project is in, from the innermost outwards, where the token may see them."""
    group = name
    while group := group.rpartition("/")[0]:
        place = f"/groups/{quote(group, safe='')}"
        try:
            hooks = list(api.pages(_listed(place), HOOKS))
        except (Gone, Forbidden):
            continue
        yield from (_Found(hook=hook, place=place) for hook in hooks if hook.ours)


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


def _mended(title: str, api: Api, found: _Found) -> Check:
    """GitLab calls a webhook again once a test of it was answered rightly."""
    path = f"{found.place}/hooks/{found.hook.id}/test/merge_requests_events"
    rights = "the role Maintainer, or of a group's webhook the role Owner"
    gave_up = "GitLab had stopped to call it"
    try:
        api.send(Request(verb="POST", path=path, doing="test the webhook", rights=rights))
    except Gone:
        return warning(title, f"{gave_up}, and is too old to be asked for a test (it takes 16.11)", _BY_HAND)
    except Forbidden:
        return warning(title, f"{gave_up}, and the token may not send a test: it takes {rights}", _BY_HAND)
    except Limited as error:
        return warning(title, f"{gave_up}, and sends no more tests before {error.until:%H:%M:%S} UTC", "try again then")
    except Rejected as error:
        return warning(title, f"{gave_up}; a test went wrong: {error}", _SECRETS)
    return ok(title, f"{gave_up}; a test was answered rightly, so it calls it again")


def _listed(place: str) -> Request:
    return Request(verb="GET", path=f"{place}/hooks", doing="list the webhooks", rights="the role Maintainer")
