"""The deployments of a preview in its environment: at GitLab each is of one commit, and once it ended it stays so."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from bot.core.errors import Gone
from bot.core.events import Pull, PullKey
from bot.core.names import Sha
from bot.core.telling.deployment import Deployment, Deployments
from bot.forges._gitlab import environment
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.environment import Environment
from bot.forges._gitlab.payload import CommitId, Id, Shape
from bot.forges._gitlab.request import Rejected, Request

_STATES = {"in_progress": "running", "success": "success", "failure": "failed"}
_LOOKS = 30
"""How many are looked at, newest first: before them there are only those that were seen to."""
_BARRED = "cannot transition"
"""How GitLab refuses a way from one status to another: it has that already, or it has ended meanwhile."""


class _Deployed(Shape):
    id: Id
    sha: CommitId
    status: str
    environment: Environment
    deployable: Any = None
    """The job of a pipeline that made it: then it is none of ours."""


_ONE = TypeAdapter(_Deployed)
_MANY = TypeAdapter(list[_Deployed])


def show(api: Api, pull: Pull, wanted: Deployments) -> None:
    """Make GitLab say this and no more; what it says already is not said again."""
    if wanted.over:
        _end(api, pull.key, gone=wanted.gone)
        return
    every = list(_every(api, pull.key))
    if any(each.deployable is not None and each.status == "running" for each in every):
        return  # a pipeline's job deploys it, and is a deployment itself
    listed = [each for each in every if each.deployable is None]
    told = _tell(api, pull, wanted.newest, listed) if wanted.newest else next(iter(listed), None)
    for each in listed:
        if each is not told or wanted.newest is None:
            _finish(api, pull.key, each, serving=wanted.serving)
    leads = _leads(wanted)
    if told is not None and leads is not None:
        environment.lead(api, pull.key, told.environment, leads)


def _end(api: Api, key: PullKey, *, gone: bool) -> None:
    place = environment.found(api, key)
    if place is None:
        return
    running = list(_listed(api, key, "running"))
    for each in running:
        _finish(api, key, each, serving=None)
    environment.stop(api, key, place)
    environment.lead(api, key, place, "")
    if gone:
        environment.remove(api, key, place)


def _tell(api: Api, pull: Pull, told: Deployment, listed: list[_Deployed]) -> _Deployed:
    status, last = _STATES[told.phase], next(iter(listed), None)
    if last is None or last.sha != told.sha or last.status not in ("running", status):
        return _begun(api, pull, told, status)
    if last.status != status:
        _mark(api, pull.key, last.id, status)
    elif status == "success" and _stopped(api, pull.key):
        return _begun(api, pull, told, status)
    return last


def _stopped(api: Api, key: PullKey) -> bool:
    place = environment.found(api, key)
    return place is not None and place.state == "stopped"


def _begun(api: Api, pull: Pull, told: Deployment, status: str) -> _Deployed:
    """A new one, of a commit and on a ref that the pull's own project has; success starts a stopped environment."""
    body = {
        "environment": environment.name(pull.key),
        "sha": told.sha,
        # By its branch GitLab stops an environment of itself when that is deleted.
        "ref": f"refs/merge-requests/{pull.key.number}/head" if pull.fork else pull.branch,
        "tag": False,
        "status": status,
    }
    return api.ask(_request("POST", pull.key, "", body), _ONE)


def _finish(api: Api, key: PullKey, each: _Deployed, *, serving: Sha | None) -> None:
    """One that something newer overtook; whose success was not told yet and what still serves is one."""
    if each.status == "running":
        _mark(api, key, each.id, "success" if each.sha == serving else "canceled")


def _mark(api: Api, key: PullKey, deployment: int, status: str) -> None:
    try:
        api.send(_request("PUT", key, f"/{deployment}", {"status": status}))
    except Gone:
        return
    except Rejected as refused:
        if _BARRED not in str(refused):
            raise


def _leads(wanted: Deployments) -> str | None:
    """Where the environment is to lead; None where it goes on leading where it does."""
    newest = wanted.newest
    if newest and newest.phase == "success":
        return newest.url or ""
    return "" if wanted.serving is None else None


def _listed(api: Api, key: PullKey, status: str = "") -> Iterator[_Deployed]:
    return (each for each in _every(api, key, status) if each.deployable is None)


def _every(api: Api, key: PullKey, status: str = "") -> Iterator[_Deployed]:
    only = f"&status={status}" if status else ""
    path = f"?environment={quote(environment.name(key), safe='')}&order_by=id&sort=desc{only}"
    return islice(api.pages(_request("GET", key, path), _MANY), _LOOKS)


def _request(verb: str, key: PullKey, path: str, body: Mapping[str, Any] | None = None) -> Request:
    path = f"/projects/{key.repository}/deployments{path}"
    return Request(verb=verb, path=path, doing=environment.DOING, rights=environment.RIGHTS, body=body)
