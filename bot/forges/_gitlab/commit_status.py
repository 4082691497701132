"""The status on a commit: at GitLab a job in a pipeline, and a state machine that refuses some ways."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter

from bot.core.errors import Gone, Unavailable
from bot.core.events import Pull
from bot.core.names import Sha
from bot.core.telling.status import Status
from bot.forges._gitlab import facts
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.payload import Id, Shape
from bot.forges._gitlab.request import Conflict, Forbidden, Rejected, Request

Unmarkable = (Gone, Rejected)
"""The commit cannot be given a status: it is not in this project, or the way to this state is barred."""
_STATES = {"pending": "running", "success": "success", "failure": "failed", "error": "failed"}
_PAUSES = (0.1, 0.3, 1.0)
"""Seconds between tries while somebody else changes the same pipeline."""
_BARRED = re.compile(r"Cannot transition status via :\w+ from :(\w+)")
"""How GitLab refuses a way: none leads from running to running, nor back to pending; there it is right as it is."""
_RIGHTS = "the scope api and the role Developer"


class _Answer(Shape):
    pipeline_id: Id | None = None


_ANSWER = TypeAdapter(_Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a commit's status was put; what comes next for that commit goes there, too."""

    project: str
    ref: str | None
    pipeline: int | None


def mark(api: Api, pull: Pull, sha: Sha, status: Status, known: Mark | None) -> Mark:
    """Put the status on the commit; raises one of `Unmarkable` where that cannot be."""
    if known is not None:
        try:
            return _put(api, known, sha, status)
        except Gone:
            pass
    return _placed(api, pull, sha, status)


def _placed(api: Api, pull: Pull, sha: Sha, status: Status) -> Mark:
    refused: Unavailable | Gone | None = None
    for place in _places(api, pull, sha):
        try:
            return _put(api, place, sha, status)
        except (Gone, Rejected, Forbidden) as error:
            if isinstance(error, Forbidden) and not pull.fork:
                raise
            refused = error
    raise Rejected(f"no project takes a status for it: {refused}")


def _places(api: Api, pull: Pull, sha: Sha) -> Iterator[Mark]:
    """A fork's commit is in the fork, where we may do nothing as a rule; then comes the project of the pull itself."""
    asked = facts.merge_request(api, pull.key)
    pipeline = asked.head_pipeline if asked.head_pipeline and asked.head_pipeline.sha == sha else None
    ours, theirs = str(asked.target_project_id), str(asked.source_project_id or asked.target_project_id)
    if theirs != ours:
        yield _place(theirs, pull.branch, pipeline.id if pipeline and str(pipeline.project_id) == theirs else None)
    ref = pull.branch if theirs == ours else f"refs/merge-requests/{pull.key.number}/head"
    yield _place(ours, ref, pipeline.id if pipeline and str(pipeline.project_id or ours) == ours else None)


def _place(project: str, ref: str, pipeline: int | None) -> Mark:
    return Mark(project=project, ref=None if pipeline else ref, pipeline=pipeline)


def _put(api: Api, place: Mark, sha: Sha, status: Status) -> Mark:
    asked = _request(place, sha, status)
    for pause in _PAUSES:
        try:
            return _tried(api, asked, place)
        except Conflict:
            time.sleep(pause)
    return _tried(api, asked, place)


def _tried(api: Api, asked: Request, place: Mark) -> Mark:
    try:
        pipeline = api.ask(asked, _ANSWER).pipeline_id
    except Rejected as refused:
        way = _BARRED.search(str(refused))
        wanted = asked.body["state"] if asked.body else None
        if way is None or (way[1] != wanted and (way[1], wanted) != ("running", "pending")):
            raise
        return place
    return Mark(project=place.project, ref=None if pipeline else place.ref, pipeline=pipeline or place.pipeline)


def _request(place: Mark, sha: Sha, status: Status) -> Request:
    body: dict[str, object] = {
        "state": "pending" if status.waiting else _STATES[status.state],
        "name": status.context,
        "description": status.description,
    }
    if status.url is not None:
        body["target_url"] = status.url
    if place.ref is not None:
        body["ref"] = place.ref
    if place.pipeline is not None:
        body["pipeline_id"] = place.pipeline
    path, doing = f"/projects/{place.project}/statuses/{sha}", f"put a status on commit {sha}"
    return Request(verb="POST", path=path, doing=doing, rights=_RIGHTS, body=body)
