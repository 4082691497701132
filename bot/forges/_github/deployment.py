"""The deployments of a preview, with the environment that GitHub lists them under."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.core.errors import Gone
from bot.core.events import PullKey
from bot.core.telling.deployment import Deployment, Deployments
from bot.forges._github.api import Api, Forbidden, Rejected, Request

_DESCRIPTION = "A preview of the pull request"
_LOOKS = 30
"""How many of those that may be over already are looked at; before them there are only those that were seen to."""


class _Deployed(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: int
    sha: str


class _Status(BaseModel):
    id: int
    state: str
    description: str | None = None
    environment_url: str | None = None


_ONE = TypeAdapter(_Deployed)
_MANY = TypeAdapter(list[_Deployed])
_STATUSES = TypeAdapter(list[_Status])


def show(api: Api, key: PullKey, wanted: Deployments, *, over: set[int]) -> None:
    """Make the list say this and no more; what it says already is not said again.

    `over` are the numbers of those that are known to be over: they are not looked at, and it grows.
    """
    listed = sorted(_listed(api, key), key=lambda each: each.id, reverse=True)
    standing = [each for each in listed if each.id not in over]
    if wanted.newest is not None:
        _tell(api, key, wanted.newest, standing)
    kept = {wanted.serving, wanted.newest.sha if wanted.newest else None}
    for each in [each for each in standing if each.sha not in kept][:_LOOKS]:
        _end(api, key, each.id)
        over.add(each.id)
    if wanted.gone and listed:
        _removed(api, key)


def _tell(api: Api, key: PullKey, told: Deployment, standing: list[_Deployed]) -> None:
    found = next((each.id for each in standing if each.sha == told.sha), None)
    last = _last(api, key, found) if found is not None else None
    if found is None or (last and last.state == "inactive"):
        found, last = _begun(api, key, told), None
    shown = last and (last.state, last.description or "", last.environment_url or "")
    if shown != (told.phase, told.description, told.url or ""):
        where = {"environment_url": told.url} if told.url else {}
        _mark(api, key, found, {"state": told.phase, "description": told.description, **where})


def _end(api: Api, key: PullKey, deployment: int) -> None:
    last = _last(api, key, deployment)
    if last is None or last.state != "inactive":
        _mark(api, key, deployment, {"state": "inactive", "description": "It is previewed no more"})


def _begun(api: Api, key: PullKey, told: Deployment) -> int:
    body = {
        "ref": told.sha,
        "task": "deploy",
        "auto_merge": False,
        "required_contexts": [],
        "environment": _environment(key),
        "description": _DESCRIPTION,
        "transient_environment": True,
        "production_environment": False,
    }
    return api.ask(_request("POST", f"/repositories/{key.repository}/deployments", body), _ONE).id


def _last(api: Api, key: PullKey, deployment: int) -> _Status | None:
    path = f"/repositories/{key.repository}/deployments/{deployment}/statuses?per_page=100"
    statuses = api.ask(_request("GET", path), _STATUSES)
    return max(statuses, key=lambda each: each.id, default=None)


def _mark(api: Api, key: PullKey, deployment: int, said: dict[str, Any]) -> None:
    body = {"auto_inactive": False, **said}
    api.send(_request("POST", f"/repositories/{key.repository}/deployments/{deployment}/statuses", body))


def _removed(api: Api, key: PullKey) -> None:
    """Take the environment off GitHub's list where we may, which takes the right to administer the repository."""
    path = f"/repositories/{key.repository}/environments/{quote(_environment(key), safe='')}"
    try:
        api.send(Request(verb="DELETE", path=path, doing="remove an environment", permission="administration: write"))
    except (Gone, Forbidden, Rejected):
        return


def _listed(api: Api, key: PullKey) -> Iterator[_Deployed]:
    path = f"/repositories/{key.repository}/deployments?environment={quote(_environment(key), safe='')}"
    return api.pages(_request("GET", path), _MANY)


def _environment(key: PullKey) -> str:
    return f"preview-{key.environment}"


def _request(verb: str, path: str, body: dict[str, Any] | None = None) -> Request:
    return Request(verb=verb, path=path, doing="show a deployment", permission="deployments: write", body=body)
