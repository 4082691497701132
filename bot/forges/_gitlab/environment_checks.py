"""Whether previews can be shown among a project's environments: seen from what became of the newest."""

from urllib.parse import quote

from pydantic import TypeAdapter

from bot.core.errors import Gone, Unavailable
from bot.core.telling.checkup import Check, ok, tried, warning
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.environment import FOLDER
from bot.forges._gitlab.payload import Id, Shape
from bot.forges._gitlab.request import Forbidden, Request

_OFF = "switch Environments on in the project's settings (General, Visibility), or give its account the role Developer"
_PROTECTED = "let its account deploy there: Settings, CI/CD, Protected environments, of the project or of its groups"


class _Listed(Shape):
    id: Id
    name: str = ""


_MANY = TypeAdapter(list[_Listed])


def environments(api: Api, id_: str, name: str) -> Check:
    """What there is to see of them."""
    title = f"gitlab {name} environments"
    return tried(title, lambda: _seen(title, api, id_))


def _seen(title: str, api: Api, id_: str) -> Check:
    if not id_.isdecimal():
        raise Unavailable(f"{id_} is no number of a project of GitLab's; forget its previews")
    try:
        ours = api.pages(_request(id_, f"environments?search={quote(f'{FOLDER}gitlab-{id_}-', safe='')}"), _MANY)
        newest = max(ours, key=lambda each: each.id, default=None)
        if newest is None or _deployed(api, id_, newest.name):
            return ok(title, "previews can be shown there")
    except (Gone, Forbidden):
        return warning(title, "GitLab shows the token none, so no preview is shown there", _OFF)
    # GitLab makes an environment before it asks who may deploy there.
    return warning(title, f"nothing was ever deployed in {newest.name}, as when it is protected", _PROTECTED)


def _deployed(api: Api, id_: str, name: str) -> bool:
    asked = _request(id_, f"deployments?environment={quote(name, safe='')}&order_by=id&sort=desc")
    return next(api.pages(asked, _MANY), None) is not None


def _request(id_: str, path: str) -> Request:
    path, doing = f"/projects/{id_}/{path}", "look at the environments"
    return Request(verb="GET", path=path, doing=doing, rights="the scope api and the role Reporter")
