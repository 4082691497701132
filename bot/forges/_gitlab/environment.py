"""The environment that a preview is among GitLab's: where it leads, stopped with the preview, gone with it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from bot.core.errors import Gone
from bot.core.events import PullKey
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.payload import Id, Shape
from bot.forges._gitlab.request import Forbidden, Rejected, Request

FOLDER = "review/"
"""GitLab shows environments whose names begin alike as one folder, and cleans this one up when asked."""
DOING = "show the preview among the environments"
RIGHTS = "the scope api and the role Developer, or leave to deploy to a protected environment"


class Environment(Shape):
    """One, as GitLab lists it; a deployment tells of its own without the state."""

    id: Id
    external_url: str | None = None
    state: str = "available"


_MANY = TypeAdapter(list[Environment])


def name(key: PullKey) -> str:
    """What the pull's environment is called."""
    return f"{FOLDER}{key.environment}"


def found(api: Api, key: PullKey) -> Environment | None:
    """The pull's, where there is one already."""
    return next(api.pages(_request("GET", key, f"?name={quote(name(key), safe='')}"), _MANY), None)


def lead(api: Api, key: PullKey, environment: Environment, url: str) -> None:
    """Let it lead there; to nowhere, where that is empty."""
    if (environment.external_url or "") != url:
        api.send(_request("PUT", key, f"/{environment.id}", {"external_url": url}))


def stop(api: Api, key: PullKey, environment: Environment) -> None:
    """Say that nothing of it runs any more."""
    if environment.state != "stopped":
        # Else GitLab would start the jobs that pipelines named for this, with our token's rights.
        api.send(_request("POST", key, f"/{environment.id}/stop", {"force": True}))


def remove(api: Api, key: PullKey, environment: Environment) -> None:
    """Take it off GitLab's list where we may; only a stopped one goes."""
    try:
        api.send(_request("DELETE", key, f"/{environment.id}"))
    except (Gone, Forbidden, Rejected):
        return


def _request(verb: str, key: PullKey, path: str, body: Mapping[str, Any] | None = None) -> Request:
    path = f"/projects/{key.repository}/environments{path}"
    return Request(verb=verb, path=path, doing=DOING, rights=RIGHTS, body=body)
